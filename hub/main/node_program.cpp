#include "hub/main/node_program.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <map>
#include <utility>

#include "core/node/long_receiver.hpp"
#include "core/node/long_reports.hpp"
#include "core/wire/kind.hpp"
#include "hub/main/version.hpp"
#include "ports/linux/air_radio.hpp"
#include "ports/linux/clock.hpp"
#include "ports/linux/crypto_sodium.hpp"
#include "ports/linux/random_linux.hpp"
#include "ports/linux/role_timer.hpp"
#include "ports/linux/settings_file.hpp"

namespace espial::main {
namespace {

/// What an ESP32 of the field would hold, too.
constexpr std::size_t kRingSlots = 256;
constexpr std::size_t kReportBytes = 64;
constexpr std::size_t kLongBytes = 4096;
constexpr auto kGoodbyeTime = std::chrono::milliseconds(500);

/// Settings of a board without a file: they last as long as the process.
class ForgetfulSettings final : public Settings {
 public:
  std::size_t load(SettingKey key, MutableByteView out) override {
    const auto& record = records_[static_cast<std::uint8_t>(key)];
    if (record.size() > out.size()) return 0;
    std::copy(record.begin(), record.end(), out.data());
    return record.size();
  }
  bool save(SettingKey key, ByteView value) override {
    records_[static_cast<std::uint8_t>(key)].assign(value.begin(), value.end());
    return true;
  }

 private:
  std::map<std::uint8_t, std::vector<std::uint8_t>> records_;
};

std::unique_ptr<Settings> make_settings(const NodeOptions& options) {
  if (options.settings_file.empty()) return std::make_unique<ForgetfulSettings>();
  auto settings = std::make_unique<SettingsFile>(options.settings_file);
  if (settings->damaged()) {
    spdlog::warn("{} is damaged: this board begins as new", options.settings_file.string());
  }
  return settings;
}

}  // namespace

class NodeProgram::Implementation : public node::Application,
                                    public node::RoomsEvents,
                                    public std::enable_shared_from_this<Implementation> {
 public:
  Implementation(boost::asio::io_context& io, const NodeOptions& options, Handlers handlers)
      : options_(options),
        handlers_(std::move(handlers)),
        settings_(make_settings(options)),
        rooms_(monotonic_now(), options.server, options.address,
               {crypto_, random_, *settings_, *this, *this}, bonds_),
        parts_{&long_receiver_, &long_reports_, &rooms_},
        radio_(io, radio_options(), radio_handlers()),
        node_(node_config(),
              {radio_,
               crypto_,
               random_,
               *settings_,
               *this,
               nullptr,
               &conduct_,
               {parts_.data(), parts_.size()}},
              memory_.memory()),
        role_timer_(io,
                    [this](Instant now) {
                      if (!asleep()) node_.on_timer(now);
                      arm();
                    }),
        goodbye_timer_(io) {
    bind();
  }

  void start() { radio_.start(); }

  void stop(std::function<void()> stopped) {
    node_.leave(monotonic_now());
    arm();
    goodbye_timer_.expires_after(
        node_.state() == node::NodeState::kIdle ? std::chrono::milliseconds(0) : kGoodbyeTime);
    goodbye_timer_.async_wait(
        [this, self = shared_from_this(), stopped = std::move(stopped)](auto) {
          radio_.stop();
          role_timer_.arm(kNever);
          if (stopped) stopped();
        });
  }

  bool report(std::uint8_t slot, std::uint8_t kind, const wire::FieldValues& values) {
    const wire::KindInfo* const info = wire::find_standard_kind(kind);
    if (info == nullptr) return false;
    std::array<std::uint8_t, wire::kMaxValueSize> value{};
    const auto size = wire::encode_value(*info, values, value);
    if (!size) return false;
    std::array<std::uint8_t, wire::kMaxReadingSize> reading{};
    const std::size_t length = wire::encode({slot, kind, {value.data(), *size}}, reading);
    const auto status = node_.report(
        monotonic_now(), info->is_event ? wire::Stream::kEvents : wire::Stream::kReadings, true,
        {reading.data(), length});
    wake();
    return status == node::ReportStatus::kTaken || status == node::ReportStatus::kTakenForOther;
  }

  bool press(double value, std::function<void(std::optional<node::PressEnd>)> ended) {
    bind();
    const wire::KindInfo* const kind =
        options_.works ? wire::find_standard_kind(options_.works->kind) : nullptr;
    if (kind == nullptr) return false;
    std::array<std::uint8_t, node::kMaxPressValue> bytes{};
    const auto size = wire::encode_command_value(*kind, wire::FieldValue::of(value), bytes);
    if (!size || rooms_.press(monotonic_now(), options_.works->slot, {bytes.data(), *size}) == 0)
      return false;
    pressed_.push_back(std::move(ended));
    wake();
    return true;
  }

  const node::Node& node() const { return node_; }

  std::optional<Scheduled> scheduled() const {
    const auto point = conduct_.scheduled(node_.utc(monotonic_now()), node_.zone_minutes());
    if (!point) return std::nullopt;
    return Scheduled{conduct_.configuration().schedule.slot, *point};
  }

  wire::Outcome execute(Instant, const wire::Reading& command) override {
    return handlers_.execute ? handlers_.execute(command) : wire::Outcome::kRefused;
  }
  // One bond at most is this board's own wish, and its presses end in the order that they were
  // made.
  void on_press_ended(Instant, const node::Bond&, std::uint32_t, node::PressEnd how) override {
    end_press(how);
  }
  void on_unbound(Instant, const node::Bond& bond) override {
    if (bond.role != wire::Role::kSubscriber) return;
    while (!pressed_.empty()) end_press(std::nullopt);
  }
  void on_state(Instant, node::NodeState state) override {
    if (handlers_.on_state) handlers_.on_state(state);
  }
  void on_assigned(Instant, const node::Assignment& assignment) override {
    if (handlers_.on_assigned) handlers_.on_assigned(assignment);
  }

 private:
  node::Config node_config() const {
    node::Config config;
    config.server = options_.server;
    config.wanted_module = options_.wanted_module;
    config.functions = options_.functions;
    config.firmware = kVersion;
    config.chip = options_.chip;
    config.name = options_.name;
    config.join_key = options_.join_key;
    if (options_.sleeper) {
      config.always_listening = false;
      config.keepalive = Duration{};
    }
    return config;
  }

  AirRadio::Options radio_options() const {
    AirRadio::Options radio;
    radio.air_address = options_.air_address;
    radio.air_port = options_.air_port;
    radio.address = options_.address;
    radio.second_address = options_.address;
    radio.max_body_size = options_.max_body_size;
    return radio;
  }

  AirRadio::Handlers radio_handlers() {
    AirRadio::Handlers handlers;
    handlers.on_frame = [this](const ReceivedFrame& frame) {
      if (asleep()) return;
      node_.on_frame(monotonic_now(), frame);
      arm();
    };
    handlers.on_sent = [this](bool acknowledged) {
      node_.on_sent(monotonic_now(), acknowledged);
      arm();
    };
    handlers.on_attached = [this](bool attached) {
      if (attached) node_.start(monotonic_now());
      arm();
    };
    return handlers;
  }

  /// Harmless while it is bound, or wants to be.
  void bind() {
    if (!options_.works) return;
    const NodeOptions::Wish& works = *options_.works;
    if (rooms_.bind(monotonic_now(), works.slot, works.kind, works.provider)) return;
    spdlog::warn("{}: no room for one more bond", options_.name);
  }

  void end_press(std::optional<node::PressEnd> how) {
    if (pressed_.empty()) return;
    const auto ended = std::move(pressed_.front());
    pressed_.pop_front();
    if (ended) ended(how);
  }

  /// Whether its radio is off: nothing is heard, and nothing is due before it has more to say.
  bool asleep() const {
    return options_.sleeper && monotonic_now() > std::max(node_.awake_until(), awake_until_);
  }

  /// What became due while it slept is done now.
  void wake() {
    const Instant now = monotonic_now();
    awake_until_ = now + node::kListenAfterSend;
    node_.on_timer(now);
    arm();
  }

  void arm() { role_timer_.arm(asleep() ? kNever : node_.next_timer()); }

  const NodeOptions options_;
  const Handlers handlers_;
  CryptoSodium crypto_;
  RandomLinux random_;
  std::unique_ptr<Settings> settings_;
  node::Storage<kRingSlots, kReportBytes, kLongBytes> memory_;
  std::array<std::uint8_t, kLongBytes> long_incoming_{};
  node::LongReceiver long_receiver_{long_incoming_};
  node::LongReports long_reports_;
  std::array<node::Bond, node::kMaxBonds> bonds_;
  node::Rooms rooms_;
  std::deque<std::function<void(std::optional<node::PressEnd>)>> pressed_;
  const std::array<node::Part*, 3> parts_;
  node::Conduct conduct_;
  AirRadio radio_;
  node::Node node_;
  RoleTimer role_timer_;
  Instant awake_until_;  ///< at least, of a sleeper that something has woken
  boost::asio::steady_timer goodbye_timer_;
};

NodeProgram::NodeProgram(boost::asio::io_context& io, const NodeOptions& options, Handlers handlers)
    : implementation_(std::make_shared<Implementation>(io, options, std::move(handlers))) {}

NodeProgram::~NodeProgram() = default;

void NodeProgram::start() { implementation_->start(); }
void NodeProgram::stop(std::function<void()> stopped) { implementation_->stop(std::move(stopped)); }
bool NodeProgram::report(std::uint8_t slot, std::uint8_t kind, const wire::FieldValues& values) {
  return implementation_->report(slot, kind, values);
}
bool NodeProgram::press(double value, std::function<void(std::optional<node::PressEnd>)> ended) {
  return implementation_->press(value, std::move(ended));
}
node::NodeState NodeProgram::state() const { return implementation_->node().state(); }
Duration NodeProgram::report_interval() const { return implementation_->node().report_interval(); }
std::optional<NodeProgram::Scheduled> NodeProgram::scheduled() const {
  return implementation_->scheduled();
}
const node::Counters& NodeProgram::counters() const { return implementation_->node().counters(); }
std::string NodeProgram::name() const { return std::string(implementation_->node().name()); }

}  // namespace espial::main
