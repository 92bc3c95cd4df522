#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <cstdio>
#include <istream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/wire/kind.hpp"
#include "hub/main/commands.hpp"
#include "hub/main/data_directory.hpp"
#include "hub/main/house_program.hpp"

namespace espial::main {
namespace {

/// A line of standard input is no longer than this.
constexpr std::size_t kMaxLine = 512;

/// Fields from words, in the order of the kind; nothing when a word is no number.
std::optional<wire::FieldValues> parse_values(const wire::KindInfo& kind, const std::string& text) {
  wire::FieldValues values;
  if (kind.fields[0].type == wire::FieldType::kText) {
    (void)values.push_back(wire::FieldValue::of_text(text));
    return values;
  }
  std::istringstream words(text);
  std::string word;
  while (words >> word) {
    char* end = nullptr;
    const double number = std::strtod(word.c_str(), &end);
    if (*end != '\0' || !values.push_back(wire::FieldValue::of(number))) return std::nullopt;
  }
  return values;
}

struct NodeCommand {
  std::string air = "127.0.0.1:5505";
  std::string data = kDefaultData;
  std::string key_file;
  std::string label;
  std::string mac = "5e:50:1a:20:00:01";
  std::string name = "Board";
  std::string chip = "ESP32";
  std::vector<std::string> kinds{"temperature"};
  std::string settings_file;
  int server = 1;
  int module = 0;
  std::uint16_t interval_s = 10;
  std::uint64_t seed = 1;
  bool sleeper = false;
  bool json = false;
  bool read_stdin = false;

  sim::ModulePlan plan() const;
  NodeOptions board_options() const;
  node::JoinKey join_key(const NodeOptions& options) const;
  int run() const;
  void tell(const nlohmann::json& event, const std::string& text) const;
};

sim::ModulePlan NodeCommand::plan() const {
  sim::ModulePlan plan;
  plan.name = name;
  plan.chip = chip;
  plan.report_interval_s = interval_s;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (wire::find_standard_kind(kinds[i]) == nullptr) {
      std::string known;
      for (const wire::KindInfo& kind : wire::standard_kinds())
        known += " " + std::string(kind.name);
      throw CLI::ValidationError("--function",
                                 "\"" + kinds[i] + "\" is no kind; there are:" + known);
    }
    plan.kinds[i] = kinds[i];
  }
  return plan;
}

NodeOptions NodeCommand::board_options() const {
  NodeOptions options;
  const http::HostPort radio = parse_endpoint(air, 5505, "--air");
  options.air_address = radio.host;
  options.air_port = radio.port;
  const auto address = parse_mac(mac);
  if (!address) throw CLI::ValidationError("--mac", "must look like 5e:50:1a:20:00:01");
  options.address = *address;
  options.server = ServerId{static_cast<std::uint8_t>(server)};
  options.wanted_module = ModuleId{static_cast<std::uint8_t>(module)};
  options.join_key = join_key(options);
  options.settings_file = settings_file;
  options.sleeper = sleeper;
  return options;
}

node::JoinKey NodeCommand::join_key(const NodeOptions& options) const {
  if (label.empty()) {
    const NumberedKey key = read_numbered_key_file(
        key_file.empty() ? DataDirectory::existing(data).network_key_file(options.server)
                         : std::filesystem::path(key_file));
    return {wire::KeyId::kNetwork, key.generation, key.key};
  }
  const auto printed = wire::parse_label(label);
  if (!printed || printed->server != options.server || printed->mac != options.address) {
    throw CLI::ValidationError("--label-key",
                               "must be the label of this --mac in this network, as `espial label` "
                               "prints it: ESPIAL:1:5E501A200001:...");
  }
  return {wire::KeyId::kLabel, 0, printed->key};
}

void NodeCommand::tell(const nlohmann::json& event, const std::string& text) const {
  std::printf("%s\n", json ? event.dump().c_str() : text.c_str());
  std::fflush(stdout);
}

/// Reads "SLOT VALUE..." lines and reports them.
class LineReader : public std::enable_shared_from_this<LineReader> {
 public:
  LineReader(boost::asio::io_context& io, HouseBoard& board)
      : input_(io, ::dup(STDIN_FILENO)), buffer_(kMaxLine), board_(board) {}

  void start() {
    boost::asio::async_read_until(
        input_, buffer_, '\n',
        [self = shared_from_this()](boost::system::error_code error, std::size_t) {
          if (error) return;  // end of input: the board goes on without
          std::istream lines(&self->buffer_);
          std::string line;
          std::getline(lines, line);
          self->report(line);
          self->start();
        });
  }
  void stop() { input_.cancel(); }

 private:
  void report(const std::string& line) {
    char* rest = nullptr;
    const long slot = std::strtol(line.c_str(), &rest, 10);
    const wire::KindInfo* const kind = slot >= 0 && slot < kSlotCount && rest != line.c_str()
                                           ? board_.kind_of(static_cast<std::uint8_t>(slot))
                                           : nullptr;
    if (kind == nullptr) {
      spdlog::error("\"{}\": begin with the number of one of this board's slots", line);
      return;
    }
    const std::string text = *rest == ' ' ? rest + 1 : rest;
    const auto values = parse_values(*kind, text);
    if (!values || !board_.report(static_cast<std::uint8_t>(slot), *values)) {
      spdlog::error("\"{}\": a {} can't have that value", line, kind->name);
    }
  }

  boost::asio::posix::stream_descriptor input_;
  boost::asio::streambuf buffer_;
  HouseBoard& board_;
};

int NodeCommand::run() const {
  boost::asio::io_context io;
  HouseBoard board(io, board_options(), plan(), seed, [this](node::NodeState state) {
    const std::string text(node::to_text(state));
    tell({{"event", "state"}, {"state", text}}, name + ": " + text);
  });
  board.on_command([this](const wire::Reading& command, wire::Outcome outcome) {
    const bool executed = outcome == wire::Outcome::kExecuted;
    const std::string text = executed ? "executed" : "refused";
    tell({{"event", "command"}, {"slot", command.slot}, {"outcome", text}},
         name + ": command for slot " + std::to_string(command.slot) + " " + text);
  });
  board.start();
  const auto lines = read_stdin ? std::make_shared<LineReader>(io, board) : nullptr;
  if (lines) lines->start();
  run_until_stopped(io, [&] {
    if (lines) lines->stop();
    board.stop({});
  });
  return 0;
}

void add_options(CLI::App& command, NodeCommand& options) {
  command.add_option("--air", options.air, "HOST:PORT of the simulated air")->capture_default_str();
  command.add_option("--data", options.data, "The hub's data, for the network key")
      ->capture_default_str();
  command.add_option("--network-key", options.key_file,
                     "File with the network key, instead of --data");
  command.add_option("--label-key", options.label,
                     "What its label says; it joins with that key instead of the network's");
  command.add_option("--settings", options.settings_file,
                     "File for what survives a power cut; without it the board forgets");
  command.add_option("--mac", options.mac, "Its address")->capture_default_str();
  command.add_option("--name", options.name, "The name it proposes")->capture_default_str();
  command.add_option("--chip", options.chip, "ESP32 or ESP8266")
      ->check(CLI::IsMember({"ESP32", "ESP8266"}))
      ->capture_default_str();
  command.add_option("--function", options.kinds, "Kind of a function; up to four, slots 0 to 3")
      ->expected(1, 4)
      ->capture_default_str();
  command.add_option("--server", options.server, "Server ID of the network")
      ->check(CLI::Range(1, 255))
      ->capture_default_str();
  command.add_option("--module", options.module, "Module ID it asks for; 0 takes any")
      ->check(CLI::Range(0, 255))
      ->capture_default_str();
  command
      .add_option("--interval", options.interval_s,
                  "Seconds between its own reports, until its hub says how often; 0: only what "
                  "--stdin says until then")
      ->capture_default_str();
  command.add_flag("--sleeper", options.sleeper,
                   "Its radio is off between its reports: commands wait until it wakes");
  command.add_option("--seed", options.seed, "What it measures comes from this number")
      ->capture_default_str();
  command.add_flag("--stdin", options.read_stdin,
                   "Report lines of standard input: SLOT VALUE..., for example \"0 21.5\"");
  command.add_flag("--json", options.json, "Tell events as lines of JSON");
}

}  // namespace

void add_node_command(CLI::App& app, int& exit_code) {
  auto* const command = app.add_subcommand("node", "One simulated board on the simulated air");
  const auto options = std::make_shared<NodeCommand>();
  add_options(*command, *options);
  command->callback([options, &exit_code] { exit_code = options->run(); });
}

}  // namespace espial::main
