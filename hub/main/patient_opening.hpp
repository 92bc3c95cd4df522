#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "core/port/random.hpp"
#include "hub/mqtt/backoff.hpp"
#include "hub/store/store.hpp"

namespace espial::main {

/// Opens a store, however long its server takes to come.
///   1. The server is away: it is tried again after a pause that doubles, until it answers.
///   2. It answers and refuses us, or anything else is wrong: that is final, since a person has to
///      change something.
/// Everything but the attempt is called on the thread that runs the io_context, and none of it
/// after `stop`.
class PatientOpening {
 public:
  struct Handlers {
    /// Opens the store; on a thread of its own, as it may take long.
    std::function<store::StoreError()> attempt;
    /// It is away, and tried again after that pause.
    std::function<void(std::chrono::milliseconds pause)> away;
    /// It is open, or never will be.
    std::function<void(store::StoreError)> done;
  };

  static constexpr std::uint32_t kFirstPause_ms = 1'000;
  static constexpr std::uint32_t kLongestPause_ms = 30'000;

  /// `io` and `random` outlive it.
  PatientOpening(boost::asio::io_context& io, Random& random, Handlers handlers,
                 mqtt::Backoff pauses = {kFirstPause_ms, kLongestPause_ms});
  /// Waits for the attempt under way.
  ~PatientOpening();
  PatientOpening(const PatientOpening&) = delete;
  PatientOpening& operator=(const PatientOpening&) = delete;

  void start();
  /// Tries no more, and waits for the attempt under way.
  void stop();

 private:
  void settle(store::StoreError error);
  void pause();

  boost::asio::io_context& io_;
  Random& random_;
  Handlers handlers_;
  mqtt::Backoff pauses_;
  boost::asio::steady_timer timer_;
  std::thread attempt_;
  /// What is posted does nothing once this is gone.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace espial::main
