#pragma once

#include <gtest/gtest.h>

#include <optional>

#include "ports/linux/crypto_sodium.hpp"
#include "sim/network/command_check.hpp"
#include "sim/network/network.hpp"
#include "sim/network/report_check.hpp"
#include "sim/network/watched_crypto.hpp"

namespace espial::sim {

inline NetworkSettings small_network(std::uint64_t seed, std::size_t boards = 8,
                                     std::size_t gateways = 1) {
  NetworkSettings settings;
  settings.seed = seed;
  settings.air.loss_permille = 100;
  settings.hub.gateways = gateways;
  for (std::uint32_t i = 0; i < gateways; ++i) {
    GatewaySettings gateway;
    gateway.number = i;
    gateway.channel = Channel{static_cast<std::uint8_t>(1 + (seed + 5 * i) % kChannelCount)};
    settings.gateways.push_back(gateway);
  }
  for (std::uint32_t i = 0; i < boards; ++i) {
    BoardSettings board;
    board.number = i;
    board.seed = seed * 1000 + i;
    board.drift_ppm = static_cast<std::int32_t>(i * 20) - 80;
    board.clock_origin = Instant{static_cast<std::int64_t>(i) << 31U};
    settings.boards.push_back(board);
  }
  return settings;
}

/// A network and everybody who watches it.
struct Watched {
  explicit Watched(const NetworkSettings& settings)
      : reports(violations, settings.boards.size()),
        commands(violations, settings.boards.size()),
        audits(violations),
        crypto(sodium, violations) {
    watch.add(reports);
    watch.add(commands);
    watch.add(audits);
    network.emplace(settings, crypto, watch);
  }

  /// Lets everything come to rest and looks whether anything is missing.
  void settle() {
    network->set_reporting(false);
    EXPECT_TRUE(network->run_until(Duration::seconds(600), [&] {
      return network->unsettled().empty() && network->under_way().empty();
    }));
    reports.check_complete(network->now());
    for (const auto& [what, entry] : violations.entries()) {
      ADD_FAILURE() << what << " (" << entry.count << " times), first: " << entry.first;
    }
  }

  Violations violations;
  Watch watch;
  ReportCheck reports;
  CommandCheck commands;
  AuditLog audits;
  CryptoSodium sodium;
  WatchedCrypto crypto;
  std::optional<Network> network;
};

}  // namespace espial::sim
