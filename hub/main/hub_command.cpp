#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>

#include "hub/features/network_topics.hpp"
#include "hub/main/commands.hpp"
#include "hub/main/hub.hpp"
#include "hub/main/number_option.hpp"
#include "hub/main/own_names.hpp"
#include "hub/main/store_option.hpp"
#include "hub/main/version.hpp"

namespace espial::main {
namespace {

/// Every page and every board that is connected costs a file descriptor; the usual first limit of
/// 1 024 is there for programs that use select().
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    spdlog::warn("few pages and boards fit: the limit of open files stays {}", limit.rlim_cur);
  }
}

struct HubCommand {
  HubOptions hub;
  std::string data = kDefaultData;
  StoreOption store;
  BrokerOption broker;
  int server = 1;
  std::string dispobox;
  double pair_minutes = 0;
  std::vector<std::string> s0_modules;
  std::vector<std::string> keep;
  std::string admit;
  std::int64_t s2_silence_s = HubOptions{}.s2_silence.ms() / 1000;

  int run() {
    if (!topics::valid_site(hub.site)) {
      throw CLI::ValidationError("--site", "must be 1 to 32 letters, digits, '-' or '_'");
    }
    if (!broker.address.empty()) {
      hub.broker = broker.place();
    } else if (!broker.ca_file.empty() || !broker.user.empty()) {
      throw CLI::ValidationError(broker.user.empty() ? "--broker-ca" : "--broker-user",
                                 "needs --broker beside it");
    }
    for (const std::string& text : s0_modules) {
      auto module = s0::parse_module_option(text);
      if (!module) {
        throw CLI::ValidationError("--s0-module",
                                   "must look like 3=thermostat:Salon,thermometer,relay:Lamp");
      }
      hub.s0_modules.push_back(*std::move(module));
    }
    for (const std::string& text : keep) {
      if (!store::add_retention(text, hub.retention)) {
        throw CLI::ValidationError("--keep",
                                   "must be DAYS or KIND=DAYS, for example temperature=730");
      }
    }
    if (!admit.empty()) hub.join_policy = features::policy_of(admit);
    if (!dispobox.empty()) {
      const http::HostPort endpoint =
          parse_endpoint(dispobox, hub.devices.dispobox.port, "--dispobox");
      hub.devices.dispobox.on = true;
      hub.devices.dispobox.address = endpoint.host;
      hub.devices.dispobox.port = endpoint.port;
    } else if (!hub.devices.dispobox.database_file.empty()) {
      throw CLI::ValidationError("--dispobox-database", "needs --dispobox beside it");
    }
    if (hub.tls_certificate.empty() != hub.tls_key.empty()) {
      throw CLI::ValidationError("--tls-key", "goes together with --tls-cert");
    }
    hub.server = ServerId{static_cast<std::uint8_t>(server)};
    hub.s2_silence = Duration::seconds(s2_silence_s);
    hub.pairing = Duration::seconds(static_cast<std::int64_t>(pair_minutes * 60));
    raise_file_limit();
    const DataDirectory directory(data);
    hub.store = store.address(directory);
    boost::asio::io_context io;
    Hub program(io, hub, directory);
    bool failed = false;
    program.start([&](const std::optional<std::string>& problem) {
      if (!problem) return tell_of(program, directory);
      spdlog::error("{}", *problem);
      failed = true;
      io.stop();
    });
    run_until_stopped(io, [&] {
      spdlog::info("stopping");
      program.stop();
    });
    if (failed) return 1;
    spdlog::info("stopped; everything received is stored");
    return 0;
  }

  /// What a person wants to know of a hub that has started.
  void tell_of(const Hub& program, const DataDirectory& directory) const {
    spdlog::info("espial {}: network {} of site {}, data in {}", kVersion, server, hub.site,
                 directory.root().string());
    if (hub.unsafe_acknowledge_before_commit || hub.discard) {
      spdlog::warn("this hub LOSES DATA: it was started for a measurement");
    }
    if (pair_minutes > 0) spdlog::info("new modules may join for {} minutes", pair_minutes);
    const std::string page = program.page();
    spdlog::info("page and API on {}", page);
    if (!program.setup_secret().empty()) {
      spdlog::warn("nobody can log in yet; within the hour, open {}/#setup={}", page,
                   program.setup_secret());
    }
  }
};

/// Who reaches it from outside this machine, and how.
void add_lan_options(CLI::App& command, HubCommand& options) {
  auto* const lan = command.add_flag("--lan", options.hub.lan,
                                     "Listen to the whole network; everybody needs an account");
  // Without --lan they would do nothing, silently.
  command
      .add_flag("--insecure-http", options.hub.insecure_http,
                "With --lan: no TLS; passwords can be read on the network")
      ->needs(lan);
  command
      .add_option("--tls-cert", options.hub.tls_certificate,
                  "With --lan: certificate with its chain (PEM), in place of `espial tls`'s")
      ->needs(lan);
  command.add_option("--tls-key", options.hub.tls_key, "Its key (PEM)")->needs(lan);
  command
      .add_option("--mqtt-tls-port", options.hub.mqtt_tls_port,
                  "With --lan: port of the private Mosquitto for the network, over TLS")
      ->check(CLI::Range(1, 65'535))
      ->capture_default_str()
      ->needs(lan);
  command
      .add_option("--s2-port", options.hub.s2_port,
                  "With --lan: let S2's boards in without a password on this port")
      ->check(port_number())
      ->needs(lan);
  command.add_flag("--require-login", options.hub.require_login,
                   "Demand accounts on this machine too, and passwords at the private Mosquitto");
}

void add_broker_options(CLI::App& command, HubCommand& options) {
  options.broker.add_to(command,
                        "HOST:PORT of an MQTT broker that runs already, or mqtts://HOST:PORT for "
                        "one over TLS; without it the hub starts a private Mosquitto");
  command
      .add_option("--broker-port", options.hub.broker_port,
                  "Port of the private Mosquitto; 0 takes any free one")
      ->check(port_number())
      ->capture_default_str();
  command
      .add_option("--websockets-port", options.hub.websockets_port,
                  "Its port for MQTT over WebSocket; 0 takes any free one")
      ->check(port_number())
      ->capture_default_str();
  command.add_flag("--keep-broker", options.hub.private_broker_outlives,
                   "Leave the private Mosquitto running when the hub stops; the next start takes "
                   "it over");
}

void add_network_options(CLI::App& command, HubCommand& options) {
  command.add_option("--site", options.hub.site, "Word for this place in the topics")
      ->capture_default_str();
  command.add_option("--server", options.server, "Server ID of the network")
      ->check(CLI::Range(1, 255))
      ->capture_default_str();
  command
      .add_option("--pair", options.pair_minutes,
                  "Minutes in which new modules may join with the network key")
      ->check(number_within(0, 1440));
  command
      .add_option("--admit", options.admit,
                  "Who may join with the network key, kept until it is said otherwise: nobody but "
                  "the listed, whoever comes in a pairing window, whoever is approved, anybody")
      ->check(CLI::IsMember({"closed", "window", "approval", "open"}));
}

/// The boards of others.
void add_device_options(CLI::App& command, HubCommand& options) {
  auto* const s0 =
      command.add_flag("--s0", options.hub.s0, "Let S0's modules in, which authenticate nothing");
  command
      .add_option("--s0-module", options.s0_modules,
                  "NUMBER=TYPE[:TITLE],...: what an S0 module shall do in its slots (thermostat, "
                  "thermometer, relay); kept until it is said anew")
      ->needs(s0);
  command
      .add_option("--board-silence", options.s2_silence_s,
                  "Seconds after which a board that says nothing is offline (it may have no last "
                  "will); 0: never")
      ->check(CLI::Range(0, 604'800))
      ->capture_default_str();
  command
      .add_option("--new-boards", options.hub.s2_new_boards,
                  "How many boards that were never here may join at once (anybody can invent "
                  "boards); then one more every 10 s")
      ->check(CLI::Range(1, static_cast<int>(features::S2Sessions::kMaxBoards)))
      ->capture_default_str();
  command
      .add_option("--dispobox", options.dispobox,
                  "ADDRESS:PORT on which S1's box nodes are taken in, as 0.0.0.0:50000 (they have "
                  "no passwords); alone: 127.0.0.1:50000")
      ->expected(0, 1)
      ->default_str("127.0.0.1:50000");
  command.add_option("--webhook-ca", options.hub.devices.webhook_ca,
                     "FILE of certificates (PEM) that webhooks over https are checked against, in "
                     "place of this machine's authorities");
  command.add_option("--dispobox-database", options.hub.devices.dispobox.database_file,
                     "FILE whose one line says where the tables of S1's applications are: "
                     "db=NAME user=NAME password=SECRET host=ADDRESS");
}

void add_options(CLI::App& command, HubCommand& options) {
  command.add_option("--data", options.data, "Where names, readings and keys are kept")
      ->capture_default_str();
  options.store.add_to(command);
  command.add_option("--audit-days", options.hub.audit.days, "How many days the audit log is kept")
      ->check(CLI::Range(1, 36'500))
      ->capture_default_str();
  command
      .add_option("--audit-records", options.hub.audit.records,
                  "How many records of the audit log are kept at most")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  command
      .add_option(
          "--keep", options.keep,
          "DAYS for which readings stay, or KIND=DAYS for those of one kind (temperature=730, "
          "button=90); without it for good. Sums of hours and days stay in any case")
      ->type_size(1)
      ->allow_extra_args(false);
  command.add_option("--port", options.hub.http_port, "Port of the page and the API")
      ->check(port_number())
      ->capture_default_str();
  add_lan_options(command, options);
  add_broker_options(command, options);
  add_network_options(command, options);
  add_device_options(command, options);
  auto* const unsafe = command.add_flag("--unsafe-acknowledge-before-commit",
                                        options.hub.unsafe_acknowledge_before_commit,
                                        "LOSES DATA: a test's control");
  auto* const discard =
      command.add_flag("--unsafe-discard", options.hub.discard, "STORES NOTHING: for measurements");
  unsafe->group("");
  discard->group("");
}

}  // namespace

void add_hub_command(CLI::App& app, int& exit_code) {
  auto* const command = app.add_subcommand(
      "hub",
      "The hub: coordinator, S2's server, database, page. Listens on loopback, unless --lan");
  const auto options = std::make_shared<HubCommand>();
  add_options(*command, *options);
  command->callback([options, &exit_code] { exit_code = options->run(); });
}

}  // namespace espial::main
