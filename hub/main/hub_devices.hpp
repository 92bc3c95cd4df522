#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "hub/features/commands.hpp"
#include "hub/features/dispobox/dispobox.hpp"
#include "hub/features/replacing.hpp"
#include "hub/features/s0_network.hpp"
#include "hub/http/server.hpp"
#include "hub/main/alarms_api.hpp"
#include "hub/main/configuration_api.hpp"
#include "hub/main/groups_api.hpp"
#include "hub/store/committer.hpp"
#include "hub/store/documents.hpp"
#include "hub/store/store.hpp"
#include "station/live_state.hpp"

namespace boost::asio {
class io_context;
}

namespace espial::main {

/// S1's box nodes, as `espial hub` was told.
struct DispoBoxOptions {
  bool on = false;
  std::string address = "127.0.0.1";
  std::uint16_t port = 50'000;
  /// A file with one line that says how to reach S1's database; empty: no tables.
  std::string database_file;
};

/// What the hub does for devices beside its own network: S1's boxes, and what people decide about
/// devices. Answers its own part of the API.
class HubDevices {
 public:
  struct Options {
    DispoBoxOptions dispobox;
    /// Whose certificates webhooks over TLS may show (PEM); empty: this machine's authorities'.
    std::string webhook_ca;
  };
  /// All of it outlives this object.
  struct Ports {
    station::LiveState& live;
    store::Committer& committer;
    store::Documents& documents;
    std::string site;
    GroupsApi::Command command;
    /// Puts another board in the place of a broken one, of whatever protocol; or says why not.
    std::function<std::optional<features::CommandRefusal>(features::Replacement)> replace;
    std::function<std::vector<features::S0Network::Asking>(station::DeviceId)> asking_for;
    std::function<mqtt::PublishError(const mqtt::Message&)> publish;
    ServerId server;
    std::function<bool(ModuleId, const s0::ModuleConfiguration&)> tell_s0;
    std::function<bool(station::DeviceId, const configuration::ModulePlan&)> tell_espial;
    std::function<bool(station::DeviceId)> keeps_to_it;  ///< as ConfigurationApi has it
    std::function<void(std::string_view before, std::string_view now)> on_relabelled;
    /// The list of that name, "alarms" or "groups", is another now.
    std::function<void(std::string_view list)> on_list;
    station::FunctionNotes& notes;
    std::function<void(station::DeviceId)> on_noted;  ///< the notes on a device are others now
  };

  HubDevices(boost::asio::io_context& io, Options options, Ports ports);
  ~HubDevices();

  /// What is stored of them. Before `start`.
  void restore(const store::Snapshot& snapshot);
  /// Otherwise the sentence for the person who started the hub.
  [[nodiscard]] std::optional<std::string> start();
  void stop();
  /// The addresses that are answered here.
  void serve(http::Server& server);

  /// A device of S1's was renamed in the live state. False when that can't be stored now.
  [[nodiscard]] bool renamed(station::DeviceId id);
  /// As DispoBox has it.
  [[nodiscard]] std::optional<features::CommandRefusal> replace(features::Replacement wanted);
  /// A device is forgotten, of whatever protocol.
  void forget(const station::Device& device);
  /// A command has ended, of whatever device.
  void on_command(const features::CommandChange& change);
  /// The broker is reached.
  void on_connected();
  /// To be called about once a second.
  void tick();
  const alarms::Alarms& alarms() const { return alarms_.alarms(); }
  void collect(std::vector<http::Metric>& metrics) const;

 private:
  void answer_dispobox(const http::Request& request, const http::Target& target,
                       const http::Reply& reply) const;
  void answer_hours(const http::Request& request, const http::Target& target,
                    const http::Reply& reply);

  // replace_api.cpp
  const station::Device* find_shown(const MacAddress& mac) const;
  void answer_replace(const http::Request& request, const http::Target& target,
                      const http::Reply& reply);
  void list_asking(const http::Target& target, const http::Reply& reply) const;

  boost::asio::io_context& io_;
  Options options_;
  Ports ports_;
  GroupsApi groups_;
  AlarmsApi alarms_;
  ConfigurationApi configuration_;
  std::unique_ptr<dispobox::DispoBox> dispobox_;
};

}  // namespace espial::main
