#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/coordinator/admission.hpp"
#include "hub/features/s0_configuration.hpp"
#include "hub/features/s2_sessions.hpp"
#include "hub/main/broker_option.hpp"
#include "hub/main/data_directory.hpp"
#include "hub/main/hub_devices.hpp"
#include "hub/store/store_address.hpp"

namespace boost::asio {
class io_context;
}

namespace espial::main {

/// What a hub process needs to know. Each field is an option of `espial hub`.
struct HubOptions {
  std::string site = "home";
  ServerId server{1};
  /// Where the page is: loopback, unless `lan`. Port 0: any free one.
  std::string http_address = "127.0.0.1";
  std::uint16_t http_port = 8080;
  /// Whether everybody needs an account, also on this machine, and a name at the private broker.
  bool require_login = false;
  /// Listens on every address, to whoever has an account.
  bool lan = false;
  /// With `lan`: passwords travel as they are.
  bool insecure_http = false;
  /// With `lan`: a certificate with its chain, and its key; empty: those of `espial tls`, which are
  /// made when there are none.
  std::string tls_certificate;
  std::string tls_key;
  std::uint16_t mqtt_tls_port = 8883;
  /// With `lan`: where S2's boards may speak MQTT without a password; 0: nowhere.
  std::uint16_t s2_port = 0;
  /// A broker that runs already; nothing: a private Mosquitto is started in the data directory.
  std::optional<BrokerPlace> broker;
  /// The private Mosquitto's ports; 0: any free one.
  std::uint16_t broker_port = 1883;
  std::uint16_t websockets_port = 9001;
  bool private_broker_outlives = false;
  /// Who may join with the network key, from now on; nothing: as it was.
  std::optional<coordinator::JoinPolicy> join_policy;
  /// Where the database is.
  store::StoreAddress store;
  store::AuditLimits audit{400, 100'000};
  store::Retention retention;
  /// How long new modules may join after the start.
  Duration pairing = Duration{};
  /// S0's modules may come in, unauthenticated as they are; and what each of them shall do, where
  /// that is not stored already.
  bool s0 = false;
  std::vector<std::pair<ModuleId, s0::ModuleConfiguration>> s0_modules;
  /// After so long a silence a board of S2's is offline; 0: never.
  Duration s2_silence = features::S2Sessions::kUsualSilence;
  /// So many boards of S2's that were never here may join at once.
  int s2_new_boards = features::S2Sessions::kNewBoardsAtOnce;
  HubDevices::Options devices;
  /// For tests only, the control that must lose: acknowledges before the commit.
  bool unsafe_acknowledge_before_commit = false;
  /// For the bench only: the same work, but nothing is written.
  bool discard = false;
};

/// The hub: broker, store, network, S2's sessions and the page, on one event loop.
///
///     Mosquitto <--MQTT 5--> Connection --> EspialNetwork, S2Sessions --> Committer --> Store
///                                                   |                        |
///                            browser <-- Server <-- LiveState <-- stored ----+
class Hub {
 public:
  Hub(boost::asio::io_context& io, const HubOptions& options, const DataDirectory& data);
  ~Hub();

  /// Nothing, or a sentence that says what is in the way.
  using Started = std::function<void(const std::optional<std::string>& problem)>;

  /// Starts everything. `started` is called once, now or while the io_context runs: a database
  /// whose server is away is waited for, and meanwhile nothing is received or acknowledged.
  void start(Started started);
  /// Stops cleanly: what was received is committed, the broker is told goodbye. The io_context runs
  /// dry afterwards.
  void stop();

  std::uint16_t http_port() const;
  /// The secret of a link that makes the first admin; empty when there is one, or nobody needs one.
  const std::string& setup_secret() const;
  /// Where people open the page: "https://192.168.1.5:8080". Once it has started.
  std::string page() const;
  /// Whether the page is served over TLS.
  bool is_secure() const;
  std::uint16_t websockets_port() const;

 private:
  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace espial::main
