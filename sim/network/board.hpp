#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/node/node.hpp"
#include "core/transfer/report_ring.hpp"
#include "sim/memory_settings.hpp"
#include "sim/network/device_clock.hpp"
#include "sim/network/numbered.hpp"
#include "sim/network/sim_radio.hpp"
#include "sim/seeded_random.hpp"
#include "sim/splitmix.hpp"

namespace espial::sim {

/// How one board is built and what it does all day.
struct BoardSettings {
  std::uint32_t number = 0;  ///< its place among the boards; gives the address too
  std::uint64_t seed = 1;
  std::optional<Position> position;
  std::size_t max_body_size = kMaxBodyV1;
  RateLadder rates = kEsp32Rates;
  /// What its chip's cryptography takes.
  ChipSpeed chip;
  /// Reports that its ring holds.
  std::size_t ring_slots = 16;
  /// Zero: it reports only when told to.
  Duration report_interval = Duration::seconds(10);
  /// So many of 1000 reports are events.
  std::uint32_t event_permille = 50;
  Duration keepalive = Duration::seconds(30);
  std::int32_t drift_ppm = 0;
  /// What its clock reads when it is switched on for the first time.
  Instant clock_origin;
};

/// The address of a board.
MacAddress board_address(std::uint32_t number);
/// The board of an address; nothing for an address of nobody's.
std::optional<std::uint32_t> board_number(const MacAddress& mac);

/// A node with everything around it: radio, clock, flash, a program that reports numbers. All calls
/// are in the world's time; the node lives in its own.
class Board final : private node::Application {
 public:
  Board(Scene& scene, const BoardSettings& settings);

  /// Power comes: a new node begins to search. Harmless when it is on.
  void switch_on();
  /// Power goes, at any moment: ring and session are gone, flash stays.
  void switch_off();
  bool on() const { return node_ != nullptr; }

  void on_frame(const ReceivedFrame& frame);
  void on_sent(bool acknowledged);
  /// Does what is due at scene.now.
  void on_timer();
  /// When on_timer() wants to be called.
  Instant next_timer() const;

  /// Reports once more, as an event or a reading. Nothing happens while the power is off.
  void report(bool event);
  /// From now on it reports by itself, or no longer.
  void set_reporting(bool reporting);

  /// Null while the power is off.
  const node::Node* node() const { return node_.get(); }
  bool online() const { return on() && node_->state() == node::NodeState::kOnline; }
  MemorySettings& flash() { return flash_; }
  const BoardSettings& settings() const { return settings_; }
  MacAddress address() const { return radio_.address(); }
  RadioId radio() const { return radio_.id(); }
  std::uint16_t life() const { return life_; }
  Instant local_now() const { return clock_.local(scene_.now); }

 private:
  wire::Outcome execute(Instant now, const wire::Reading& command) override;
  void on_state(Instant now, node::NodeState state) override;

  void draw_next_report();
  void notice_settled();
  void notice_submitted(const Numbered& report, node::ReportStatus status);

  Scene& scene_;
  BoardSettings settings_;
  SplitMix random_;
  SeededRandom node_random_;
  ChargedCrypto crypto_;
  SimRadio radio_;
  MemorySettings flash_;
  DeviceClock clock_;
  std::vector<transfer::ReportSlot> slots_;
  std::vector<std::uint8_t> ring_bytes_;
  std::array<std::uint8_t, kMaxBodyV2> frame_{};
  std::unique_ptr<node::Node> node_;
  std::uint16_t life_ = 0;
  std::array<std::uint32_t, transfer::kStreamCount> next_index_{};
  /// What the ring held when it was looked at last, by slot.
  std::vector<std::optional<Numbered>> held_;
  std::uint32_t acknowledged_ = 0;
  Instant next_report_ = kNever;
  bool reporting_ = true;
};

}  // namespace espial::sim
