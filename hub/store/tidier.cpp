#include "hub/store/tidier.hpp"

#include <utility>

namespace espial::store {
namespace {

/// Where sorting is beside the commits, that begins at a quarter of this (SorterLimits).
constexpr std::uint64_t kMostRecentReadings = 1'000'000;

}  // namespace

Tidier::Tidier(Store& store, Clock clock, Listener listener)
    : store_(store),
      clock_(std::move(clock)),
      listener_(std::move(listener)),
      is_beside_(store.tidies_beside()) {
  if (is_beside_) thread_ = std::thread([this] { run(); });
}

Tidier::~Tidier() { stop(); }

void Tidier::after_commit() {
  if (!is_beside_) {
    more_ = tidy(false).more;
    return;
  }
  std::unique_lock lock(mutex_);
  wanted_ = true;
  changed_.notify_all();
  if (keeps_up_) return;
  changed_.wait(lock, [this, before = pieces_] { return pieces_ != before || stopping_; });
}

bool Tidier::at_leisure() {
  if (is_beside_ || !more_) return false;
  more_ = tidy(true).more;
  return true;
}

void Tidier::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Tidying Tidier::tidy(bool at_leisure) {
  const Tidying tidying = store_.tidy(clock_(), at_leisure);
  listener_(tidying);
  return tidying;
}

void Tidier::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return wanted_ || stopping_; });
    if (stopping_) return;
    wanted_ = false;
    lock.unlock();
    const Tidying tidying = tidy(true);
    lock.lock();
    const bool failed = tidying.error != StoreError::none;
    wanted_ |= tidying.more && !failed;
    keeps_up_ = failed || tidying.recent_readings < kMostRecentReadings;
    ++pieces_;
    changed_.notify_all();
  }
}

}  // namespace espial::store
