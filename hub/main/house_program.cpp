#include "hub/main/house_program.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "core/wire/kind.hpp"
#include "ports/linux/clock.hpp"

namespace espial::main {
namespace {

constexpr auto kHappeningsInterval = std::chrono::seconds(1);

/// The button in slot 0 and what it works; nothing where the house has no such module.
std::optional<NodeOptions::Wish> wish_of(const sim::ModulePlan& plan) {
  const auto index = sim::house_index(plan.works);
  if (!index) return std::nullopt;
  for (const std::string_view name : sim::house_plan()[*index].kinds) {
    const wire::KindInfo* const kind = wire::find_standard_kind(name);
    if (kind == nullptr || !kind->accepts_commands()) continue;
    return NodeOptions::Wish{0, kind->number, sim::house_address(*index)};
  }
  return std::nullopt;
}

NodeOptions completed(NodeOptions options, const sim::ModulePlan& plan,
                      const sim::HouseModule& module) {
  options.name.assign(plan.name);
  options.chip.assign(plan.chip);
  options.functions = module.functions();
  options.works = wish_of(plan);
  // An ESP8266 understands the short frames only.
  options.max_body_size = plan.chip == "ESP8266" ? kMaxBodyV1 : kMaxBodyV2;
  return options;
}

}  // namespace

class HouseBoard::Implementation : public std::enable_shared_from_this<Implementation> {
 public:
  Implementation(boost::asio::io_context& io, NodeOptions options, const sim::ModulePlan& plan,
                 std::uint64_t seed, std::function<void(node::NodeState)> on_state)
      : module_(plan, seed),
        on_state_(std::move(on_state)),
        node_(io, completed(std::move(options), plan, module_), handlers()),
        measure_timer_(io),
        happenings_timer_(io),
        first_measure_ms_(static_cast<std::int64_t>(sim::SplitMix(seed).below(1000))) {}

  void start() {
    node_.start();
    if (interval().us > 0) measure_after(std::chrono::milliseconds(first_measure_ms_));
    happenings_after(kHappeningsInterval);
  }

  void stop(std::function<void()> stopped) {
    stopped_ = true;
    measure_timer_.cancel();
    happenings_timer_.cancel();
    node_.stop(std::move(stopped));
  }

  bool report(std::uint8_t slot, const wire::FieldValues& values) {
    const wire::KindInfo* const kind = kind_of(slot);
    return kind != nullptr && node_.report(slot, kind->number, values);
  }

  bool press(std::function<void(std::optional<node::PressEnd>)> ended) {
    say(module_.press(unix_now()));
    if (!node_.press(on_ ? 0 : 1, std::move(ended))) return false;
    on_ = !on_;
    return true;
  }
  const sim::ModulePlan& plan() const { return module_.plan(); }

  const wire::KindInfo* kind_of(std::uint8_t slot) const {
    for (const wire::Function& function : module_.functions()) {
      if (function.slot == slot) return wire::find_standard_kind(function.kind);
    }
    return nullptr;
  }

  const NodeProgram& node() const { return node_; }
  void on_command(std::function<void(const wire::Reading&, wire::Outcome)> listener) {
    on_command_ = std::move(listener);
  }

 private:
  NodeProgram::Handlers handlers() {
    NodeProgram::Handlers handlers;
    handlers.execute = [this](const wire::Reading& command) {
      const auto executed = module_.execute(command, unix_now());
      say(executed.readings);
      if (on_command_) on_command_(command, executed.outcome);
      return executed.outcome;
    };
    handlers.on_state = [this](node::NodeState state) {
      if (on_state_) on_state_(state);
    };
    handlers.on_assigned = [this](const node::Assignment& assignment) {
      keep_to_interval(assignment.report_interval);
    };
    return handlers;
  }

  void say(const std::vector<sim::HouseReading>& readings) {
    for (const sim::HouseReading& reading : readings) {
      (void)node_.report(reading.slot, reading.kind, reading.values);
    }
  }

  /// The coordinator's wish goes before what the module was built for.
  Duration interval() const {
    const Duration wanted = node_.report_interval();
    return wanted.us > 0 ? wanted : Duration::seconds(module_.plan().report_interval_s);
  }

  /// A new interval counts from now on, whatever the old one had left.
  void keep_to_interval(Duration wanted) {
    if (stopped_ || wanted == told_interval_) return;
    told_interval_ = wanted;
    measure_timer_.cancel();
    if (interval().us > 0) measure_after(std::chrono::milliseconds(interval().ms()));
  }

  /// Only a new point of the week counts: until then what a person has set stays.
  void keep_to_week() {
    const auto scheduled = node_.scheduled();
    if (scheduled == followed_) return;
    followed_ = scheduled;
    if (scheduled) say(module_.keep_to(scheduled->slot, scheduled->point.set_point_cC, unix_now()));
  }

  void measure_after(std::chrono::milliseconds wait) {
    measure_timer_.expires_after(wait);
    measure_timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (error || self->stopped_) return;
      self->say(self->module_.measure(unix_now()));
      if (self->interval().us > 0) {
        self->measure_after(std::chrono::milliseconds(self->interval().ms()));
      }
    });
  }

  void happenings_after(std::chrono::milliseconds wait) {
    happenings_timer_.expires_after(wait);
    happenings_timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (error || self->stopped_) return;
      self->keep_to_week();
      if (self->module_.plan().report_interval_s > 0) {
        self->say(self->module_.happenings(unix_now()));
      }
      self->happenings_after(kHappeningsInterval);
    });
  }

  sim::HouseModule module_;
  std::function<void(node::NodeState)> on_state_;
  std::function<void(const wire::Reading&, wire::Outcome)> on_command_;
  NodeProgram node_;
  boost::asio::steady_timer measure_timer_;
  boost::asio::steady_timer happenings_timer_;
  const std::int64_t first_measure_ms_;
  Duration told_interval_ = node_.report_interval();
  std::optional<NodeProgram::Scheduled> followed_;
  bool on_ = false;  ///< what its button said last
  bool stopped_ = false;
};

HouseBoard::HouseBoard(boost::asio::io_context& io, NodeOptions options,
                       const sim::ModulePlan& plan, std::uint64_t seed,
                       std::function<void(node::NodeState)> on_state)
    : implementation_(std::make_shared<Implementation>(io, std::move(options), plan, seed,
                                                       std::move(on_state))) {}

HouseBoard::~HouseBoard() = default;

void HouseBoard::start() { implementation_->start(); }
void HouseBoard::stop(std::function<void()> stopped) { implementation_->stop(std::move(stopped)); }
bool HouseBoard::report(std::uint8_t slot, const wire::FieldValues& values) {
  return implementation_->report(slot, values);
}
bool HouseBoard::press(std::function<void(std::optional<node::PressEnd>)> ended) {
  return implementation_->press(std::move(ended));
}
const sim::ModulePlan& HouseBoard::plan() const { return implementation_->plan(); }
const wire::KindInfo* HouseBoard::kind_of(std::uint8_t slot) const {
  return implementation_->kind_of(slot);
}
const NodeProgram& HouseBoard::node() const { return implementation_->node(); }
void HouseBoard::on_command(std::function<void(const wire::Reading&, wire::Outcome)> listener) {
  implementation_->on_command(std::move(listener));
}

}  // namespace espial::main
