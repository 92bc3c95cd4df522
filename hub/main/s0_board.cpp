#include "hub/main/s0_board.hpp"

#include <cmath>

#include "ports/linux/air_radio.hpp"
#include "ports/linux/clock.hpp"
#include "ports/linux/role_timer.hpp"
#include "sim/s0_module.hpp"

namespace espial::main {
namespace {

/// A room that warms up and cools down over a quarter of an hour, so that there is a curve to see.
float room_celsius(std::size_t slot) {
  constexpr double kPeriod_ms = 15 * 60 * 1000;
  constexpr double kPi = 3.14159265358979;
  const double phase = 2 * kPi * static_cast<double>(unix_now().ms) / kPeriod_ms;
  const double celsius = 19.0 + static_cast<double>(slot) + 1.5 * std::sin(phase);
  return static_cast<float>(std::round(celsius * 16) / 16);  // in the steps of its sensors
}

}  // namespace

class S0Board::Implementation {
 public:
  Implementation(boost::asio::io_context& io, const S0BoardOptions& options,
                 std::function<void(bool)> on_paired)
      : options_(options),
        on_paired_(std::move(on_paired)),
        radio_(io, radio_options(), radio_handlers()),
        module_(module_settings(), radio_),
        timer_(io, [this](Instant now) {
          module_.on_timer(now);
          settle();
        }) {}

  void start() { radio_.start(); }
  void stop() {
    radio_.stop();
    timer_.arm(kNever);
  }

 private:
  AirRadio::Options radio_options() const {
    AirRadio::Options radio;
    radio.air_address = options_.air_address;
    radio.air_port = options_.air_port;
    radio.address = options_.address;
    radio.second_address = options_.address;
    return radio;
  }

  AirRadio::Handlers radio_handlers() {
    AirRadio::Handlers handlers;
    handlers.on_frame = [this](const ReceivedFrame& frame) {
      module_.on_frame(monotonic_now(), frame);
      settle();
    };
    handlers.on_sent = [this](bool acknowledged) {
      module_.on_sent(monotonic_now(), acknowledged);
      settle();
    };
    handlers.on_attached = [this](bool attached) {
      if (attached) module_.start(monotonic_now());
      settle();
    };
    return handlers;
  }

  sim::s0::Module::Settings module_settings() const {
    sim::s0::Module::Settings settings;
    settings.server = options_.server.value;
    settings.id = options_.module.value;
    settings.celsius = room_celsius;
    return settings;
  }

  void settle() {
    timer_.arm(module_.next_timer());
    if (was_paired_ == module_.paired()) return;
    was_paired_ = module_.paired();
    if (on_paired_) on_paired_(was_paired_);
  }

  const S0BoardOptions options_;
  const std::function<void(bool)> on_paired_;
  AirRadio radio_;
  sim::s0::Module module_;
  RoleTimer timer_;
  bool was_paired_ = false;
};

S0Board::S0Board(boost::asio::io_context& io, const S0BoardOptions& options,
                 std::function<void(bool)> on_paired)
    : implementation_(std::make_unique<Implementation>(io, options, std::move(on_paired))) {}

S0Board::~S0Board() = default;

void S0Board::start() { implementation_->start(); }
void S0Board::stop() { implementation_->stop(); }

}  // namespace espial::main
