#include "hub/main/patient_opening.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace espial::main {

namespace asio = boost::asio;

PatientOpening::PatientOpening(asio::io_context& io, Random& random, Handlers handlers,
                               mqtt::Backoff pauses)
    : io_(io), random_(random), handlers_(std::move(handlers)), pauses_(pauses), timer_(io) {}

PatientOpening::~PatientOpening() { stop(); }

void PatientOpening::start() {
  attempt_ = std::thread([this, alive = std::weak_ptr(alive_), busy = asio::make_work_guard(io_)] {
    const store::StoreError error = handlers_.attempt();
    asio::post(io_, [this, alive, error] {
      if (alive.lock()) settle(error);
    });
  });
}

void PatientOpening::stop() {
  alive_.reset();
  timer_.cancel();
  if (attempt_.joinable()) attempt_.join();
}

void PatientOpening::settle(store::StoreError error) {
  attempt_.join();
  if (error == store::StoreError::away) return pause();
  // It may well destroy this.
  const auto done = std::move(handlers_.done);
  done(error);
}

void PatientOpening::pause() {
  const std::chrono::milliseconds length(pauses_.next_ms(random_.u32()));
  timer_.expires_after(length);
  timer_.async_wait([this, alive = std::weak_ptr(alive_)](boost::system::error_code error) {
    if (!error && alive.lock()) start();
  });
  handlers_.away(length);
}

}  // namespace espial::main
