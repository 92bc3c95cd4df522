#include "hub/main/event_pump.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <string>

#include "ports/linux/clock.hpp"
#include "station/dashboard_json.hpp"
#include "station/mac_text.hpp"

namespace espial::main {
class EventPump::Timer : public std::enable_shared_from_this<Timer> {
 public:
  Timer(boost::asio::io_context& io, EventPump& pump) : timer_(io), pump_(&pump) {}

  void arm() {
    if (armed_ || pump_ == nullptr) return;
    armed_ = true;
    timer_.expires_after(pump_->server_.pace());
    timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      self->armed_ = false;
      if (!error && self->pump_ != nullptr) self->pump_->flush();
    });
  }

  void stop() {
    pump_ = nullptr;
    timer_.cancel();
  }

 private:
  boost::asio::steady_timer timer_;
  EventPump* pump_;
  bool armed_ = false;
};

EventPump::EventPump(boost::asio::io_context& io, const station::LiveState& live,
                     http::Server& server, trace::ReportTrace& trace,
                     const station::FunctionNotes& notes)
    : live_(live),
      server_(server),
      trace_(trace),
      notes_(notes),
      timer_(std::make_shared<Timer>(io, *this)) {}

EventPump::~EventPump() { timer_->stop(); }

void EventPump::stop() { timer_->stop(); }

void EventPump::on_change(const station::Change& change) {
  if (!server_.anyone_listens()) return server_.skip_events();
  const std::uint32_t id = change.device.value;
  switch (change.kind) {
    case station::ChangeKind::device_changed:
      devices_.insert(id);
      break;
    case station::ChangeKind::reading_changed:
      readings_.emplace(id, change.slot);
      break;
    case station::ChangeKind::device_removed:
      removed_.insert(id);
      break;
  }
  timer_->arm();
}

void EventPump::flush() {
  for (const std::uint32_t id : removed_) {
    server_.announce({http::Event::Kind::kDevice, std::to_string(id),
                      station::removed_json(station::DeviceId{id})});
  }
  for (const std::uint32_t id : devices_) {
    const station::Device* const device = live_.find(station::DeviceId{id});
    if (device == nullptr || device->hidden) continue;
    server_.announce(
        {http::Event::Kind::kDevice, text_of(device->mac), station::device_json(*device, notes_)});
  }
  for (const auto& [id, slot] : readings_) {
    // A device that was just told whole has its readings in it.
    const station::Device* const device = live_.find(station::DeviceId{id});
    if (device == nullptr || device->hidden || devices_.count(id) != 0) continue;
    const station::FunctionState* const function = device->function(slot);
    if (function == nullptr) continue;
    server_.announce({http::Event::Kind::kReading,
                      text_of(device->mac) + "/" + std::to_string(slot),
                      station::reading_json(*device, *function, notes_)});
  }
  trace_.announced(server_.revision(), monotonic_now());
  removed_.clear();
  devices_.clear();
  readings_.clear();
}

}  // namespace espial::main
