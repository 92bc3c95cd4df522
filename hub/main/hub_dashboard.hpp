#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hub/features/commands.hpp"
#include "hub/features/espial_network.hpp"
#include "hub/features/replacing.hpp"
#include "hub/features/s0_network.hpp"
#include "hub/features/s2_sessions.hpp"
#include "hub/http/dashboard.hpp"
#include "hub/http/server.hpp"
#include "hub/main/hub_certificate.hpp"
#include "hub/main/hub_devices.hpp"
#include "hub/mqtt/connection.hpp"
#include "hub/store/committer.hpp"
#include "hub/store/store.hpp"
#include "station/dashboard_json.hpp"
#include "station/live_state.hpp"

namespace boost::asio {
class io_context;
}

namespace espial::main {

/// What the page shows and steers, answered from the hub's parts.
class HubDashboard final : public http::Dashboard {
 public:
  /// All of it outlives the dashboard.
  struct Parts {
    station::LiveState& live;
    const station::FunctionNotes& notes;
    store::Committer& committer;
    store::Reader& reader;
    std::string_view store_engine;
    features::EspialNetwork& network;
    features::S2Sessions& s2;
    features::S0Network* s0;  ///< null where S0's switch is off
    HubDevices& devices;
    const mqtt::Connection& connection;
    std::string broker_address;
    bool s2_open = false;  ///< S2's boards are let in without a password
    const HubCertificate& certificate;
    std::function<void(http::Event)> announce;
  };

  HubDashboard(boost::asio::io_context& io, Parts parts);
  ~HubDashboard() override;

  http::Snapshot snapshot() override;
  std::string system_state() override;
  std::string keys_state() override;
  void history(const http::HistoryQuery& query,
               std::function<void(http::HistoryResult)> done) override;
  void command(const http::CommandRequest& request,
               std::function<void(http::CommandResult)> done) override;
  void rename(const MacAddress& device, std::string_view name,
              std::function<void(http::RenameResult)> done) override;
  void forget(const MacAddress& device, bool with_history,
              std::function<void(http::ForgetResult)> done) override;
  void keys(const http::KeysRequest& request, std::function<void(http::KeysResult)> done) override;
  void restart(const MacAddress& device, std::function<void(http::RestartResult)> done) override;
  void after_stored(std::function<void(bool)> done) override;
  void audit(std::size_t limit, std::function<void(http::AuditResult)> done) override;
  std::optional<std::string> trouble() override;
  std::optional<std::string> store_trouble() override;
  void collect(std::vector<http::Metric>& metrics) override;

  /// Another board takes the place of a broken one. Otherwise why not.
  [[nodiscard]] std::optional<features::CommandRefusal> replace(features::Replacement wanted);
  /// The broker came or went.
  void broker_changed();
  /// Broker, store or gateways may look different now: tells the pages if they do.
  void announce_system();
  /// Who may join, or whose keys are good, may look different now: tells the pages if it does.
  void announce_keys();
  /// The list at /api/`list` is another now: tells the pages, which ask for it if they show it.
  void announce_list(std::string_view list);
  /// A command was accepted or has ended.
  void announce_command(const features::CommandChange& change);
  /// Something that only a restart mends.
  void set_failure(std::string_view sentence) { failure_ = sentence; }
  /// Ends the thread that reads the database.
  void stop();

 private:
  class Worker;

  void set_admission(const http::KeysRequest& request, const features::NetworkKeys::Done& done);
  /// The device at that address, if there is one and it is shown.
  const station::Device* find(const MacAddress& mac) const;
  station::SystemView system_view() const;
  std::uint8_t slot_of(const features::CommandChange& change);
  /// Stores a name that a device has in the live state, and tells the device where it can be told.
  bool keep_name(const station::Device& device, std::string_view former_name);
  features::CommandAccepted give(const station::Device& device,
                                 const station::FunctionState& function,
                                 const http::CommandRequest& request);
  /// To a function whose kind is of a configuration's own.
  features::CommandAccepted give_own(const station::Device& device,
                                     const station::FunctionState& function,
                                     const http::CommandRequest& request);
  features::CommandAccepted give_s0(const station::Device& device,
                                    const station::FunctionState& function,
                                    const http::CommandRequest& request, ByteView value);

  boost::asio::io_context& io_;
  Parts parts_;
  std::unique_ptr<Worker> worker_;
  /// Which function an outstanding command is for: its end names only the command.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint8_t> command_slots_;
  UnixTime broker_since_{};
  std::string last_system_;
  std::string last_keys_;
  std::string failure_;
};

}  // namespace espial::main
