#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "hub/broker/child_process.hpp"
#include "hub/broker/log_bound.hpp"
#include "hub/broker/loopback_port.hpp"
#include "hub/http/client.hpp"
#include "hub/main/commands.hpp"
#include "hub/main/data_directory.hpp"
#include "hub/main/number_option.hpp"
#include "hub/main/own_names.hpp"
#include "hub/main/version.hpp"
#include "ports/linux/private_file.hpp"
#include "sim/house.hpp"
#include "sim/s0_house.hpp"

namespace espial::main {
namespace {

namespace fs = std::filesystem;

constexpr auto kLook = std::chrono::milliseconds(250);
/// The softAP's address of the gateway that `espial gateway` is by default.
constexpr const char* kGatewayAddress = "5e:50:1a:01:00:02";
constexpr int kHubPatience_s = 30;
constexpr int kHousePatience_s = 60;
/// Of each log, and of the one before it; a house may be looked at for weeks.
constexpr std::uintmax_t kLogBytes = 1024 * 1024;

std::string own_program() { return fs::read_symlink("/proc/self/exe").string(); }

struct UpOptions {
  std::string data = kDefaultData;
  std::uint16_t port = 8080;
  std::uint16_t broker_port = 1883;
  std::uint16_t websockets_port = 9001;
  std::uint16_t air_port = 5505;
  int channel = 6;
  double loss_percent = 1;
  double pair_minutes = 10;
  bool no_house = false;
  bool s0 = false;
  std::uint16_t dispobox_port = 0;
  bool lan = false;
  bool require_login = false;
  bool insecure_http = false;
  std::uint16_t mqtt_tls_port = 8883;
  std::uint16_t s2_port = 0;

  /// Whether everybody needs an account, and a gateway a name at the broker.
  bool accounts_needed() const { return lan || require_login; }
};

/// The hub would choose for itself, but the others have to be told where it is.
UpOptions with_ports_chosen(UpOptions options) {
  const std::initializer_list<std::uint16_t*> ports{&options.port, &options.broker_port,
                                                    &options.websockets_port, &options.air_port};
  std::vector<std::uint16_t> taken{options.mqtt_tls_port, options.s2_port, options.dispobox_port};
  for (const std::uint16_t* port : ports) taken.push_back(*port);
  for (std::uint16_t* const port : ports) {
    if (*port == 0) *port = broker::find_free_port(taken);
    taken.push_back(*port);
  }
  return options;
}

/// A process of ours with its log.
struct Child {
  std::string name;
  fs::path log;
  broker::ChildProcess process;
};

/// The last lines of a log, for a person who needs to know why.
std::string tail(const fs::path& log) {
  std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(log.c_str(), "r"), &std::fclose);
  std::string text;
  char line[1024];
  if (!file) return text;
  std::vector<std::string> lines;
  while (std::fgets(line, sizeof line, file.get()) != nullptr) {
    lines.emplace_back(line);
    if (lines.size() > 5) lines.erase(lines.begin());
  }
  for (const std::string& one : lines) text += "  " + one;
  return text;
}

/// Starts hub, air, gateway and house as processes, shows how they come up and stops them.
class Up {
 public:
  Up(boost::asio::io_context& io, const UpOptions& options)
      : options_(with_ports_chosen(options)), data_(options.data), timer_(io) {}

  /// False when something is in the way; it was said on standard error.
  bool start() {
    std::printf("Espial %s, data in %s\n\n", kVersion, data_.root().c_str());
    if (!ports_are_free()) return false;
    if (!spawn("hub", hub_arguments())) return false;
    if (!wait_for_hub()) return false;
    show("broker", "127.0.0.1:" + std::to_string(options_.broker_port) + ", WebSocket on " +
                       std::to_string(options_.websockets_port) + " (a private Mosquitto)");
    show("hub", "SQLite in " + data_.database().string());
    if (options_.no_house) {
      show("devices", "those that are there; new ones may join for " +
                          std::to_string(static_cast<int>(options_.pair_minutes)) + " minutes");
      finish_screen();
      return true;
    }
    if (!start_house()) return false;
    finish_screen();
    return true;
  }

  /// Looks after the processes until one ends or `stop` is called.
  void watch() {
    timer_.expires_after(kLook);
    timer_.async_wait([this](boost::system::error_code error) {
      if (error || stopping_) return;
      for (Child& child : children_) {
        broker::cut_log(child.log, kLogBytes);
        if (child.process.running()) continue;
        std::fprintf(stderr, "\nThe %s has ended unexpectedly; its log %s ends with\n%s",
                     child.name.c_str(), child.log.c_str(), tail(child.log).c_str());
        failed_ = true;
        stop();
        return;
      }
      watch();
    });
  }

  void stop() {
    if (stopping_) return;
    stopping_ = true;
    timer_.cancel();
    std::printf("\nStopping\n");
    // The last started goes first, so that nobody loses whom it talks to.
    while (!children_.empty()) {
      children_.back().process.terminate(Duration::seconds(10));
      children_.pop_back();
    }
    std::printf("Stopped; names and data are kept in %s\n", data_.root().c_str());
  }

  bool failed() const { return failed_; }

 private:
  std::vector<std::string> hub_arguments() const {
    std::vector<std::string> arguments{"hub",
                                       "--data",
                                       data_.root().string(),
                                       "--port",
                                       std::to_string(options_.port),
                                       "--broker-port",
                                       std::to_string(options_.broker_port),
                                       "--websockets-port",
                                       std::to_string(options_.websockets_port),
                                       "--pair",
                                       std::to_string(options_.pair_minutes)};
    if (options_.dispobox_port != 0) {
      arguments.insert(arguments.end(), {"--dispobox", dispobox_address()});
    }
    if (options_.s0) arguments.emplace_back("--s0");
    for (const sim::s0::HousePlan& plan : sim::s0::kHousePlan) {
      if (!options_.s0 || options_.no_house) break;
      arguments.emplace_back("--s0-module");
      arguments.emplace_back(plan.configuration);
    }
    if (options_.require_login) arguments.emplace_back("--require-login");
    if (!options_.lan) return arguments;
    arguments.insert(arguments.end(),
                     {"--lan", "--mqtt-tls-port", std::to_string(options_.mqtt_tls_port)});
    if (options_.insecure_http) arguments.emplace_back("--insecure-http");
    if (options_.s2_port != 0) {
      arguments.insert(arguments.end(), {"--s2-port", std::to_string(options_.s2_port)});
    }
    return arguments;
  }

  std::string dispobox_address() const {
    return "127.0.0.1:" + std::to_string(options_.dispobox_port);
  }

  /// The hub as its owner's commands see it.
  http::HubAddress hub() const {
    return {{"127.0.0.1", options_.port}, local_secret(data_.root())};
  }

  /// Gives the simulated gateway a user at the broker, and returns the options that name it.
  std::vector<std::string> gateway_login() const {
    const nlohmann::json wanted = {{"gateway", kGatewayAddress}};
    const auto answer = http::ask(hub(), "POST", "/api/broker-users", wanted.dump());
    const auto user = nlohmann::json::parse(answer.body, nullptr, false);
    if (answer.status != 201 || !user.is_object()) return {};
    const std::string password = user.value("password", std::string()) + "\n";
    if (const auto error = write_private_file(data_.gateway_password(), as_bytes(password))) {
      std::fprintf(stderr, "%s\n", error->c_str());
      return {};
    }
    return {"--broker-user", user.value("name", std::string()), "--broker-password-file",
            data_.gateway_password().string()};
  }

  /// Outside of the site's hours no box says anything.
  bool site_is_closed() const {
    const auto answer = http::ask(hub(), "GET", "/dispobox/?action=getAllBoxes");
    const auto boxes = nlohmann::json::parse(answer.body, nullptr, false);
    if (!boxes.is_object() || !boxes.contains("data")) return false;
    for (const auto& box : boxes["data"]) {
      // Box 0 is the system itself.
      if (box.value("id", std::string()) == "0") return box.value("state", 0) < 0;
    }
    return false;
  }

  /// A link that makes the first admin's account; empty when there is one.
  std::string setup_fragment() const {
    const auto session =
        nlohmann::json::parse(http::ask(hub(), "GET", "/api/session").body, nullptr, false);
    if (!session.is_object() || !session.value("setup_needed", false)) return {};
    const auto link = nlohmann::json::parse(http::ask(hub(), "POST", "/api/setup-links", "{}").body,
                                            nullptr, false);
    return link.is_object() ? "/#setup=" + link.value("secret", std::string()) : std::string();
  }

  bool ports_are_free() const {
    std::vector<std::pair<std::uint16_t, const char*>> wanted = {
        {options_.port, "--port"},
        {options_.broker_port, "--broker-port"},
        {options_.websockets_port, "--websockets-port"}};
    if (options_.lan && !options_.insecure_http) {
      wanted.emplace_back(options_.mqtt_tls_port, "--mqtt-tls-port");
    }
    if (options_.s2_port != 0) wanted.emplace_back(options_.s2_port, "--s2-port");
    if (options_.dispobox_port != 0) wanted.emplace_back(options_.dispobox_port, "--dispobox");
    bool free = true;
    for (const auto& [port, option] : wanted) {
      if (broker::port_is_free(port)) continue;
      const std::string owner = broker::port_owner(port);
      std::fprintf(stderr, "Port %u is taken%s%s; choose another with %s PORT.\n", port,
                   owner.empty() ? "" : " by ", owner.c_str(), option);
      free = false;
    }
    if (!options_.no_house && !broker::udp_port_is_free(options_.air_port)) {
      std::fprintf(stderr, "UDP port %u is taken; choose another with --air-port PORT.\n",
                   options_.air_port);
      free = false;
    }
    return free;
  }

  bool spawn(const std::string& name, std::vector<std::string> arguments) {
    Child child;
    child.name = name;
    child.log = data_.logs() / (name + ".log");
    std::error_code ignored;
    fs::rename(child.log, child.log.string() + ".old", ignored);
    broker::SpawnOptions spawn;
    spawn.command = {own_program()};
    spawn.command.insert(spawn.command.end(), arguments.begin(), arguments.end());
    spawn.output_file = child.log;
    auto spawned = broker::ChildProcess::spawn(spawn);
    if (!spawned.error.empty()) {
      std::fprintf(stderr, "The %s can't be started: %s\n", name.c_str(), spawned.error.c_str());
      return false;
    }
    child.process = std::move(spawned.process);
    children_.push_back(std::move(child));
    return true;
  }

  /// Calls `ready` four times a second until it says yes, a process ends or patience does.
  template <typename Ready>
  bool wait_until(int patience_s, Ready&& ready) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(patience_s);
    while (std::chrono::steady_clock::now() < deadline) {
      for (Child& child : children_) {
        if (child.process.running()) continue;
        std::fprintf(stderr, "The %s did not start:\n%s", child.name.c_str(),
                     tail(child.log).c_str());
        return false;
      }
      if (ready()) return true;
      ::usleep(static_cast<useconds_t>(std::chrono::microseconds(kLook).count()));
    }
    return false;
  }

  bool wait_for_hub() {
    if (wait_until(kHubPatience_s,
                   [&] { return http::ask(hub(), "GET", "/healthz").status == 200; })) {
      return true;
    }
    if (children_.back().process.running()) {
      std::fprintf(stderr, "The hub is not ready after %d s; its log is %s\n", kHubPatience_s,
                   children_.back().log.c_str());
    }
    return false;
  }

  bool start_house() {
    const std::string air = "127.0.0.1:" + std::to_string(options_.air_port);
    const std::string data = data_.root().string();
    std::vector<std::string> house{"house", "--air", air, "--data", data};
    if (options_.s0) house.emplace_back("--s0");
    std::vector<std::string> gateway{"gateway",
                                     "--air",
                                     air,
                                     "--data",
                                     data,
                                     "--broker",
                                     "127.0.0.1:" + std::to_string(options_.broker_port),
                                     "--channel",
                                     std::to_string(options_.channel)};
    if (options_.accounts_needed()) {
      const std::vector<std::string> login = gateway_login();
      gateway.insert(gateway.end(), login.begin(), login.end());
    }
    if (!spawn("air", {"air", "--port", std::to_string(options_.air_port), "--loss",
                       std::to_string(options_.loss_percent)}) ||
        !spawn("gateway", std::move(gateway)) || !spawn("house", house)) {
      return false;
    }
    show("gateway", "simulated, on channel " + std::to_string(options_.channel));
    if (options_.dispobox_port != 0) {
      if (!spawn("box", {"box", "--hub", dispobox_address()})) return false;
      show("boxes", "simulated, on " + dispobox_address());
      if (site_is_closed()) show("", "asleep: the site is closed now; docs/dispobox.md, Hours");
    }
    const bool all = wait_until(kHousePatience_s, [&] { return show_house(); });
    std::printf("\n");
    if (all) return true;
    for (Child& child : children_) {
      if (!child.process.running()) return false;
    }
    std::printf("  (the others are still looking for their gateway)\n");
    return true;
  }

  /// True when every module is online.
  bool show_house() {
    const auto answer = http::ask(hub(), "GET", "/api/devices");
    const auto snapshot = nlohmann::json::parse(answer.body, nullptr, false);
    if (!snapshot.is_object()) return false;
    std::size_t online = 0;
    for (const auto& device : snapshot["devices"]) {
      const bool of_house = device["protocol"] == "espial" || device["protocol"] == "s0";
      const bool module = of_house && device["online"].get<bool>();
      online += module ? 1 : 0;
    }
    if (online != shown_) {
      shown_ = online;
      std::printf("%s  %-9s %zu of %zu modules have joined", ::isatty(1) != 0 ? "\r" : "\n",
                  "house", online, sim_modules());
      std::fflush(stdout);
    }
    return online >= sim_modules();
  }

  std::size_t sim_modules() const {
    return sim::house_plan().size() + (options_.s0 ? sim::s0::kHousePlan.size() : 0);
  }

  static void show(const char* what, const std::string& text) {
    std::printf("  %-9s %s\n", what, text.c_str());
    std::fflush(stdout);
  }

  void finish_screen() const {
    if (options_.lan) {
      show_lan();
    } else {
      show_page("http://127.0.0.1:" + std::to_string(options_.port));
    }
    std::fflush(stdout);
  }

  void show_page(const std::string& page) const {
    const std::string setup = options_.accounts_needed() ? setup_fragment() : std::string();
    if (!setup.empty()) {
      std::printf("\n  Make the admin's account within the hour; this link works once:\n\n  %s%s\n",
                  page.c_str(), setup.c_str());
    }
    std::printf("\n  %s     Ctrl-C stops everything\n", page.c_str());
  }

  void show_lan() const {
    const std::string page = (options_.insecure_http ? "http://" : "https://") + lan_address() +
                             ':' + std::to_string(options_.port);
    if (options_.insecure_http) {
      std::printf("\n  WITHOUT TLS: whoever is on this network can read the passwords\n");
    } else {
      std::printf(
          "\n  Browsers trust this hub once its authority is installed:\n"
          "  espial tls show --port %u --data %s\n",
          options_.port, options_.data.c_str());
    }
    if (options_.s2_port != 0) {
      std::printf("  S2's boards come in on port %u without a password; that can't be secured\n",
                  options_.s2_port);
    }
    show_page(page);
  }

  const UpOptions options_;
  const DataDirectory data_;
  boost::asio::steady_timer timer_;
  std::vector<Child> children_;
  std::size_t shown_ = SIZE_MAX;
  bool stopping_ = false;
  bool failed_ = false;
};

int run(const UpOptions& options) {
  boost::asio::io_context io;
  Up up(io, options);
  if (!up.start()) return 1;
  up.watch();
  run_until_stopped(io, [&] { up.stop(); });
  return up.failed() ? 1 : 0;
}

}  // namespace

void add_up_command(CLI::App& app, int& exit_code) {
  auto* const command = app.add_subcommand(
      "up", "Everything at once: private broker, hub, and a simulated house to look at");
  const auto options = std::make_shared<UpOptions>();
  command->add_flag("--no-house", options->no_house,
                    "Start only broker and hub, for devices that are there");
  command->add_flag("--s0", options->s0,
                    "Let S0's modules in, which authenticate nothing; the house has some");
  auto* const lan = command->add_flag(
      "--lan", options->lan, "Listen to the whole network, over TLS; everybody needs an account");
  command->add_flag("--require-login", options->require_login,
                    "Demand accounts on this machine too");
  command
      ->add_flag("--insecure-http", options->insecure_http,
                 "With --lan: no TLS; passwords can be read on the network")
      ->needs(lan);
  command
      ->add_option("--mqtt-tls-port", options->mqtt_tls_port,
                   "With --lan: port of the private Mosquitto for the network")
      ->check(CLI::Range(1, 65'535))
      ->capture_default_str()
      ->needs(lan);
  command
      ->add_option("--s2-port", options->s2_port,
                   "With --lan: let S2's boards in without a password on this port")
      ->check(port_number())
      ->needs(lan);
  command->add_option("--data", options->data, "Where names, readings and keys are kept")
      ->capture_default_str();
  command->add_option("--port", options->port, "Port of the page; 0 takes any free one")
      ->check(port_number())
      ->capture_default_str();
  command
      ->add_option("--broker-port", options->broker_port,
                   "Port of the private Mosquitto; 0 takes any free one")
      ->check(port_number())
      ->capture_default_str();
  command
      ->add_option("--websockets-port", options->websockets_port,
                   "Its port for WebSocket; 0 takes any free one")
      ->check(port_number())
      ->capture_default_str();
  command->add_option("--air-port", options->air_port, "UDP port of the simulated air; 0 likewise")
      ->check(port_number())
      ->capture_default_str();
  command
      ->add_option("--dispobox", options->dispobox_port,
                   "PORT for S1's box nodes, with simulated ones; alone: 50000")
      ->check(port_number())
      ->expected(0, 1)
      ->default_str("50000");
  command->add_option("--channel", options->channel, "Channel of the simulated gateway")
      ->check(CLI::Range(1, 13))
      ->capture_default_str();
  command->add_option("--loss", options->loss_percent, "Frames the simulated air loses, in percent")
      ->check(number_within(0, 100))
      ->capture_default_str();
  command->add_option("--pair", options->pair_minutes, "Minutes in which new modules may join")
      ->check(number_within(0, 1440))
      ->capture_default_str();
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace espial::main
