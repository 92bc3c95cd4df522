#include "hub/main/hub.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <utility>

#include "core/crypto/discovery.hpp"
#include "hub/broker/loopback_port.hpp"
#include "hub/broker/private_broker.hpp"
#include "hub/features/espial_network.hpp"
#include "hub/features/s0_network.hpp"
#include "hub/features/s2_sessions.hpp"
#include "hub/features/trace/report_trace.hpp"
#include "hub/http/server.hpp"
#include "hub/main/event_pump.hpp"
#include "hub/main/hub_access.hpp"
#include "hub/main/hub_broker_users.hpp"
#include "hub/main/hub_certificate.hpp"
#include "hub/main/hub_dashboard.hpp"
#include "hub/main/own_names.hpp"
#include "hub/main/patient_opening.hpp"
#include "hub/main/stored_state.hpp"
#include "hub/main/trace_api.hpp"
#include "hub/main/waiting_room.hpp"
#include "hub/mqtt/connection.hpp"
#include "hub/store/committer.hpp"
#include "hub/store/documents.hpp"
#include "ports/linux/clock.hpp"
#include "ports/linux/crypto_sodium.hpp"
#include "ports/linux/random_linux.hpp"
#include "ports/linux/role_timer.hpp"

namespace espial::main {
namespace {

namespace asio = boost::asio;

constexpr auto kTick = std::chrono::seconds(1);
/// A broker that is away for so long takes everybody with it.
constexpr Duration kBrokerGrace = Duration::seconds(5);
/// How long the end waits for the last commit.
constexpr auto kLastCommitPatience = std::chrono::seconds(2);

/// What an engine says may have several lines.
std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

store::CommitterOptions committer_options(const HubOptions& options) {
  store::CommitterOptions committer;
  committer.unsafe_complete_before_commit = options.unsafe_acknowledge_before_commit;
  committer.discard = options.discard;
  return committer;
}

}  // namespace

class Hub::Implementation : public std::enable_shared_from_this<Implementation> {
 public:
  Implementation(asio::io_context& io, const HubOptions& options, const DataDirectory& data)
      : io_(io),
        options_(options),
        data_(data),
        live_(static_cast<std::uint64_t>(unix_now().ms)),
        trace_([this] { return server_ && server_->anyone_listens(); }),
        http_port_(options.http_port),
        tick_timer_(io) {}

  void start(Started started) {
    claim_.emplace(data_.claim());
    started_ = std::move(started);
    if (const auto error = certificate_.find(options_, data_)) return started_(error);
    store_ = store::make_store(options_.store, {}, options_.audit);
    store_->keep(options_.retention);
    opening_.emplace(io_, random_,
                     PatientOpening::Handlers{
                         [this] { return open_store(); },
                         [this](std::chrono::milliseconds pause) { wait_for_store(pause); },
                         [this](store::StoreError error) { started_(start_with_store(error)); }});
    opening_->start();
  }

  void stop() {
    if (stopping_) return;
    stopping_ = true;
    tick_timer_.cancel();
    if (opening_) opening_->stop();
    if (waiting_room_) waiting_room_->close();
    // What the network still waits for would keep the event loop from running dry.
    if (role_timer_) role_timer_->arm(kNever);
    if (server_) server_->stop();
    if (pump_) pump_->stop();
    if (network_) network_->say_goodbye();
    if (devices_) devices_->stop();
    if (!connection_) {
      close();
      return;
    }
    // What was received is committed and acknowledged first, or the broker would send it again. A
    // store that fails is not waited for.
    const auto part = [self = shared_from_this()] { self->part_from_broker(); };
    tick_timer_.expires_after(kLastCommitPatience);
    tick_timer_.async_wait([part](boost::system::error_code error) {
      if (!error) part();
    });
    if (!committer_->submit({{}, [part](store::Verdict) { part(); }})) part();
  }

  std::uint16_t http_port() const { return server_ ? server_->port() : std::uint16_t{0}; }
  std::string page() const {
    const std::string host = options_.lan ? lan_address() : options_.http_address;
    return (is_secure() ? "https://" : "http://") + http::HostPort{host, http_port()}.text();
  }
  const std::string& setup_secret() const { return setup_secret_; }
  bool is_secure() const { return certificate_.exists(); }
  std::uint16_t websockets_port() const {
    return broker_ ? broker_->websockets_port() : std::uint16_t{0};
  }

 private:
  /// On a thread of its own.
  store::StoreError open_store() {
    const store::StoreError error = store_->open();
    return error == store::StoreError::none ? store_->load(snapshot_) : error;
  }

  void wait_for_store(std::chrono::milliseconds pause) {
    const std::string place = store::to_text(options_.store);
    spdlog::error("the database {} does not answer: {}; trying again in {:.0f} s", place,
                  one_line(store_->last_error_text()),
                  std::chrono::duration<double>(pause).count());
    if (waiting_room_) return;
    waiting_room_ = std::make_unique<WaitingRoom>(io_, random_, accounts_needed(), http_options());
    if (const auto error = waiting_room_->open()) return started_(with_port_owner(*error));
    http_port_ = waiting_room_->port();
    spdlog::info("until it does nothing is received or acknowledged; port {} says so", http_port_);
  }

  /// With the store there, or not.
  std::optional<std::string> start_with_store(store::StoreError error) {
    if (waiting_room_) waiting_room_->close();
    const std::string place = store::to_text(options_.store);
    if (error != store::StoreError::none) {
      return place + ": " + std::string(store::to_text(error)) + " (" + store_->last_error_text() +
             ")";
    }
    if (waiting_room_) spdlog::info("the database {} answers", place);
    reader_ = store_->open_reader();
    show_stored(snapshot_, live_);
    committer_ = std::make_unique<store::Committer>(*store_, io_, committer_options(options_));
    documents_ = std::make_unique<store::Documents>(*committer_, snapshot_.documents);
    if (const auto problem = start_broker()) return problem;
    if (const auto problem = start_features()) return problem;
    connection_->start();
    tick();
    return std::nullopt;
  }

  bool accounts_needed() const { return options_.lan || options_.require_login; }

  http::Options http_options() const {
    http::Options http;
    http.address = options_.lan ? "0.0.0.0" : options_.http_address;
    http.port = http_port_;
    http.authority_pem = certificate_.authority_pem();
    if (is_secure()) http.tls = certificate_.files();
    return http;
  }

  std::string with_port_owner(const std::string& problem) const {
    const std::string owner = broker::port_owner(http_port_);
    return owner.empty() ? problem : problem + " The other program is " + owner + ".";
  }

  std::optional<std::string> start_broker() {
    if (options_.broker) {
      if (accounts_needed()) {
        spdlog::warn("whom the broker {} lets in, it decides itself: accounts guard page and API",
                     options_.broker->text());
      }
      return std::nullopt;
    }
    broker::BrokerOptions broker;
    broker.directory = data_.broker();
    broker.port = options_.broker_port;
    broker.websockets_port = options_.websockets_port;
    broker.outlive_parent = options_.private_broker_outlives;
    if (accounts_needed()) broker.access = broker_access();
    broker_ = std::make_unique<broker::PrivateBroker>(io_, broker);
    if (const auto error = broker_->start()) return error->text;
    return std::nullopt;
  }

  broker::BrokerAccess broker_access() {
    broker_users_ = std::make_unique<HubBrokerUsers>(HubBrokerUsers::Parts{
        *documents_, random_, options_.site, data_.broker_password(random_),
        [this](std::vector<broker::BrokerUser> users) { return set_users(std::move(users)); }});
    broker::BrokerAccess access;
    access.users = broker_users_->users();
    access.lan = options_.lan;
    access.certificate = certificate_.files().certificate;
    access.key = certificate_.files().key;
    access.tls_port = options_.mqtt_tls_port;
    if (options_.s2_port != 0) {
      access.s2_port = options_.s2_port;
      spdlog::warn(
          "port {} takes S2's boards without a password: whoever is on the network can "
          "read and forge what they say",
          options_.s2_port);
    }
    return access;
  }

  bool set_users(std::vector<broker::BrokerUser> users) {
    const auto error = broker_->set_users(std::move(users));
    if (error) spdlog::error("broker: {}", error->text);
    return !error;
  }

  std::optional<std::string> start_features() {
    const features::NetworkKeyPair network_key = data_.network_key(options_.server, random_);
    data_.keep_discovery_key(options_.server, discovery_key(network_key));
    network_ =
        std::make_unique<features::EspialNetwork>(network_options(network_key), network_ports());
    s2_ = std::make_unique<features::S2Sessions>(s2_ports());
    network_->restore(snapshot_);
    s2_->restore(snapshot_);
    if (options_.s0) start_s0();
    devices_ = std::make_unique<HubDevices>(io_, options_.devices, device_ports());
    devices_->restore(snapshot_);
    snapshot_ = {};
    role_timer_ = std::make_unique<RoleTimer>(io_, [this](Instant now) {
      network_->on_timer(now);
      if (s0_) s0_->on_timer(now);
      arm();
    });

    const BrokerPlace broker = broker_place();
    broker_text_ = broker.text();
    connection_ =
        std::make_unique<mqtt::Connection>(io_, connection_options(broker), connection_handlers());
    for (const std::string& filter : network_->filters()) {
      (void)connection_->subscribe({filter, mqtt::Qos::kAtLeastOnce});
    }
    for (const auto& subscription : features::S2Sessions::subscriptions()) {
      (void)connection_->subscribe(subscription);
    }

    dashboard_ = std::make_unique<HubDashboard>(
        io_, HubDashboard::Parts{live_, notes_, *committer_, *reader_,
                                 store::to_text(options_.store.engine), *network_, *s2_, s0_.get(),
                                 *devices_, *connection_, broker_text_,
                                 options_.lan && options_.s2_port != 0, certificate_,
                                 [this](http::Event event) { server_->announce(event); }});
    access_ = std::make_unique<HubAccess>(
        HubAccess::Parts{io_, *documents_, *committer_, random_, data_}, accounts_needed());
    server_ = std::make_unique<http::Server>(io_, *dashboard_, access_->control(), http_options());
    if (broker_users_) server_->set_broker_users(*broker_users_);
    if (const auto error = server_->start()) return with_port_owner(*error);
    server_->set_page(page());
    setup_secret_ = access_->open_setup_if_needed();
    devices_->serve(*server_);
    server_->serve({"api", "trace"}, [this](const http::Request& request,
                                            const http::Target& target, const http::Reply& reply) {
      answer_trace({live_, trace_, *server_}, request, target, reply);
    });
    if (const auto error = devices_->start()) return error;
    pump_ = std::make_unique<EventPump>(io_, live_, *server_, trace_, notes_);
    if (!live_.add_observer(pump_.get())) return "the live state takes no observer";
    network_->start();
    arm();
    return std::nullopt;
  }

  void start_s0() {
    s0_ = std::make_unique<features::S0Network>(
        features::S0Network::Options{options_.site, options_.server}, s0_ports());
    s0_->restore(snapshot_);
    for (const auto& [module, configuration] : options_.s0_modules) {
      if (!s0_->configure(module, configuration)) {
        spdlog::error("S0: the configuration of module {} can't be stored", module.value);
      }
    }
    spdlog::warn(
        "S0 is on: its modules are NOT AUTHENTICATED; anybody within reach can speak in the name "
        "of one. Modules with keys are never taken for one of them");
  }

  Key discovery_key(const features::NetworkKeyPair& network_key) {
    return crypto::discovery_key(crypto_, network_key.key, options_.server);
  }

  features::EspialNetwork::Options network_options(const features::NetworkKeyPair& network_key) {
    features::EspialNetwork::Options network;
    network.site = options_.site;
    network.server = options_.server;
    network.network_key = network_key;
    network.wrap_key = data_.wrap_key(random_);
    network.join_policy = options_.join_policy;
    network.pairing = options_.pairing;
    network.s0 = options_.s0;
    network.max_frames = mqtt::ClientOptions{}.receive_maximum;
    return network;
  }

  features::EspialNetwork::Ports network_ports() {
    return {live_,
            *committer_,
            *documents_,
            trace_,
            notes_,
            crypto_,
            random_,
            [this](const mqtt::Message& message) { return connection_->publish(message); },
            [this](mqtt::Ticket ticket) { connection_->acknowledge(ticket); },
            [this](mqtt::Ticket ticket) { give_back(ticket); },
            [this](const features::CommandChange& change) { dashboard_->announce_command(change); },
            [this] { dashboard_->announce_system(); },
            [this](const features::NetworkKeyPair& keys) {
              return data_.keep_network_key(options_.server, keys, discovery_key(keys));
            },
            [this](std::string_view what) {
              spdlog::critical("{}; the network is silent until the hub is started again", what);
              dashboard_->set_failure(what);
            }};
  }

  HubDevices::Ports device_ports() {
    return {
        live_,
        *committer_,
        *documents_,
        options_.site,
        [this](const http::CommandRequest& request, std::function<void(http::CommandResult)> done) {
          dashboard_->command(request, std::move(done));
        },
        [this](features::Replacement wanted) {
          auto refusal = dashboard_->replace(std::move(wanted));
          arm();
          return refusal;
        },
        [this](station::DeviceId device) {
          return s0_ ? s0_->asking_for(device) : std::vector<features::S0Network::Asking>{};
        },
        [this](const mqtt::Message& message) {
          return connection_ ? connection_->publish(message) : mqtt::PublishError::kNone;
        },
        options_.server,
        [this](ModuleId module, const s0::ModuleConfiguration& configuration) {
          return !s0_ || s0_->configure(module, configuration);
        },
        [this](station::DeviceId device, const configuration::ModulePlan& plan) {
          const bool stored = network_->configure(device, plan);
          arm();
          return stored;
        },
        [this](station::DeviceId device) { return network_->keeps_to_configuration(device); },
        [this](std::string_view before, std::string_view now) {
          if (s0_) s0_->relabelled(before, now);
        },
        [this](std::string_view list) {
          if (dashboard_) dashboard_->announce_list(list);
        },
        notes_,
        [this](station::DeviceId device) {
          if (pump_) pump_->on_change({station::ChangeKind::device_changed, device});
        }};
  }

  features::S2Sessions::Ports s2_ports() {
    return {live_,
            *committer_,
            trace_,
            [this](const mqtt::Message& message) { return connection_->publish(message); },
            [this](mqtt::Ticket ticket) { connection_->acknowledge(ticket); },
            [this](mqtt::Ticket ticket) { give_back(ticket); },
            unix_time_us,
            [this](const features::CommandChange& change) { dashboard_->announce_command(change); },
            options_.s2_silence.ms(),
            features::S2Sessions::kMaxBoards,
            options_.s2_new_boards,
            features::S2Sessions::kMaxAddresses,
            [this](const station::Device& device) { devices_->forget(device); }};
  }

  features::S0Network::Ports s0_ports() {
    return {
        live_,
        *committer_,
        *documents_,
        trace_,
        notes_,
        [this](const mqtt::Message& message) { return connection_->publish(message); },
        [this](mqtt::Ticket ticket) { connection_->acknowledge(ticket); },
        [this](mqtt::Ticket ticket) { give_back(ticket); },
        [this](const features::CommandChange& change) { dashboard_->announce_command(change); }};
  }

  /// Costs the connection, and that is the point: the broker holds what comes until the store has
  /// room again, and the last will tells gateways to hold theirs.
  void give_back(mqtt::Ticket ticket) {
    connection_->give_back(ticket, "more comes in than the database takes");
  }

  BrokerPlace broker_place() {
    if (options_.broker) return *options_.broker;
    BrokerPlace own;
    own.port = broker_->port();
    if (broker_users_) {
      own.user = HubBrokerUsers::kHubUser;
      own.password = data_.broker_password(random_);
    }
    return own;
  }

  mqtt::ConnectionOptions connection_options(const BrokerPlace& broker) const {
    mqtt::ConnectionOptions connection;
    connection.client.client_id =
        "espial-hub-" + options_.site + "-" + std::to_string(options_.server.value);
    connection.client.will = network_->will();
    broker.apply_to(connection);
    return connection;
  }

  mqtt::Connection::Handlers connection_handlers() {
    mqtt::Connection::Handlers handlers;
    handlers.on_up = [this](bool session_present) {
      spdlog::info("broker {} reached{}", broker_text_,
                   session_present ? "; it kept our session" : "");
      network_->on_connected();
      s2_->on_connected(session_present);
      devices_->on_connected();
      broker_lost_at_ = kNever;
      dashboard_->broker_changed();
      arm();
    };
    handlers.on_down = [this](std::string_view reason) {
      if (stopping_) return;
      spdlog::warn("broker {} lost: {}; trying again", broker_text_, reason);
      if (broker_lost_at_ == kNever) broker_lost_at_ = monotonic_now();
      dashboard_->broker_changed();
    };
    handlers.on_message = [this](const mqtt::Publish& message, mqtt::Ticket ticket) {
      if (stopping_) return;  // unacknowledged, therefore the next start's
      if (features::S2Sessions::owns(message.topic)) {
        s2_->on_message(message, ticket);
      } else if (s0_ && s0_->owns(message)) {
        s0_->on_message(message, ticket);
        arm();
      } else {
        network_->on_message(message, ticket);
        arm();
      }
    };
    return handlers;
  }

  void arm() {
    if (stopping_) return;
    role_timer_->arm(std::min(network_->next_timer(), s0_ ? s0_->next_timer() : kNever));
  }

  void tick() {
    tick_timer_.expires_after(kTick);
    tick_timer_.async_wait([this, self = shared_from_this()](boost::system::error_code error) {
      if (error || stopping_) return;
      s2_->tick();
      network_->tick();
      network_->keys().tick();
      network_->watch_gateways(monotonic_now(), connection_->up());
      devices_->tick();
      notice_lost_broker();
      access_->control().sweep();
      certificate_.look_again([this](const http::TlsFiles& files) { return show(files); });
      certificate_.tick(unix_now());
      dashboard_->announce_system();
      dashboard_->announce_keys();
      arm();
      tick();
    });
  }

  /// To everybody who connects from now on. The broker is told last: whatever the page takes, it
  /// takes too, and it starts again for that.
  std::optional<std::string> show(const http::TlsFiles& certificate) {
    if (auto problem = server_->use_certificate(certificate)) return problem;
    const auto error = broker_ ? broker_->renew_certificate() : std::nullopt;
    if (error) spdlog::error("broker: {}", error->text);
    return std::nullopt;
  }

  /// A connection that comes back at once has cost nothing; after that nobody can be heard.
  void notice_lost_broker() {
    if (broker_lost_at_ == kNever || monotonic_now() < broker_lost_at_ + kBrokerGrace) return;
    network_->on_broker_lost();
    s2_->on_broker_lost();
  }

  void part_from_broker() {
    if (std::exchange(parting_, true)) return;
    tick_timer_.cancel();
    connection_->stop(mqtt::Connection::Farewell::kWithoutWill,
                      [self = shared_from_this()] { self->close(); });
  }

  void close() {
    if (pump_) live_.remove_observer(pump_.get());
    if (committer_) committer_->stop();
    if (dashboard_) dashboard_->stop();
    if (broker_) {
      if (options_.private_broker_outlives) {
        broker_->leave();
      } else {
        broker_->stop();
      }
    }
    if (store_) store_->close();
    claim_.reset();
  }

  asio::io_context& io_;
  const HubOptions options_;
  const DataDirectory& data_;
  std::optional<DirectoryClaim> claim_;
  CryptoSodium crypto_;
  RandomLinux random_;
  station::LiveState live_;
  trace::ReportTrace trace_;
  station::FunctionNotes notes_;
  /// Of the page; once any free one was asked for and found, that one.
  std::uint16_t http_port_;
  Started started_;
  store::Snapshot snapshot_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Reader> reader_;
  std::unique_ptr<store::Committer> committer_;
  std::unique_ptr<store::Documents> documents_;
  std::unique_ptr<broker::PrivateBroker> broker_;
  std::unique_ptr<features::EspialNetwork> network_;
  std::unique_ptr<features::S2Sessions> s2_;
  std::unique_ptr<features::S0Network> s0_;  ///< where the switch is on
  std::unique_ptr<HubDevices> devices_;
  std::string broker_text_;
  std::unique_ptr<mqtt::Connection> connection_;
  std::unique_ptr<HubDashboard> dashboard_;
  std::unique_ptr<HubAccess> access_;
  std::unique_ptr<HubBrokerUsers> broker_users_;
  HubCertificate certificate_;
  std::string setup_secret_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<EventPump> pump_;
  std::unique_ptr<RoleTimer> role_timer_;
  std::unique_ptr<WaitingRoom> waiting_room_;
  std::optional<PatientOpening> opening_;  // its thread uses the store
  asio::steady_timer tick_timer_;
  /// kNever while it is reached, and before it ever was.
  Instant broker_lost_at_ = kNever;
  bool stopping_ = false;
  bool parting_ = false;
};

Hub::Hub(asio::io_context& io, const HubOptions& options, const DataDirectory& data)
    : implementation_(std::make_shared<Implementation>(io, options, data)) {}

Hub::~Hub() = default;

void Hub::start(Started started) { implementation_->start(std::move(started)); }
void Hub::stop() { implementation_->stop(); }
std::uint16_t Hub::http_port() const { return implementation_->http_port(); }
std::string Hub::page() const { return implementation_->page(); }
bool Hub::is_secure() const { return implementation_->is_secure(); }
const std::string& Hub::setup_secret() const { return implementation_->setup_secret(); }
std::uint16_t Hub::websockets_port() const { return implementation_->websockets_port(); }

}  // namespace espial::main
