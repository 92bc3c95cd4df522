#include "ports/linux/role_timer.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <utility>

#include "ports/linux/clock.hpp"

namespace espial {

class RoleTimer::Implementation : public std::enable_shared_from_this<Implementation> {
 public:
  Implementation(boost::asio::io_context& io, std::function<void(Instant)> on_timer)
      : timer_(io), on_timer_(std::move(on_timer)) {}

  void arm(Instant next) {
    if (next == armed_for_) return;
    armed_for_ = next;
    timer_.cancel();
    if (next == kNever) return;
    const auto wait = std::max<std::int64_t>(0, (next - monotonic_now()).us);
    timer_.expires_after(std::chrono::microseconds(wait));
    timer_.async_wait([self = shared_from_this(), next](boost::system::error_code error) {
      // An expiry that was already queued when the timer was armed anew is not ours any more.
      if (error || self->armed_for_ != next) return;
      self->armed_for_ = kNever;
      self->on_timer_(monotonic_now());
    });
  }

  void stop() {
    armed_for_ = kNever;
    timer_.cancel();
  }

 private:
  boost::asio::steady_timer timer_;
  std::function<void(Instant)> on_timer_;
  Instant armed_for_ = kNever;
};

RoleTimer::RoleTimer(boost::asio::io_context& io, std::function<void(Instant)> on_timer)
    : implementation_(std::make_shared<Implementation>(io, std::move(on_timer))) {}

RoleTimer::~RoleTimer() { implementation_->stop(); }

void RoleTimer::arm(Instant next) { implementation_->arm(next); }

}  // namespace espial
