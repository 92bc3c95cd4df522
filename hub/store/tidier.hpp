#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>

#include "hub/store/store.hpp"

namespace espial::store {

/// Calls `Store::tidy` for whoever calls `Store::apply`: between two commits, or, where the store
/// can (Store::tidies_beside), beside them in a thread of its own.
///
/// Beside them, who commits waits for a piece now and then when sorting does not keep up: what is
/// recent is in memory. One that fails is tried again after the next commit, and nobody waits for
/// it.
class Tidier {
 public:
  using Clock = std::function<UnixTime()>;
  /// Is told of every piece, in the thread that did it; one at a time.
  using Listener = std::function<void(const Tidying&)>;

  /// `store` must be open, and outlive this.
  Tidier(Store& store, Clock clock, Listener listener);
  ~Tidier();
  Tidier(const Tidier&) = delete;
  Tidier& operator=(const Tidier&) = delete;

  /// To be called after each commit.
  void after_commit();
  /// One longer piece while nobody waits. False when there is nothing to do here and now.
  bool at_leisure();
  /// Ends after the piece at hand; what is left is done after the next start. Idempotent.
  void stop();

 private:
  Tidying tidy(bool at_leisure);
  void run();

  Store& store_;
  const Clock clock_;
  const Listener listener_;
  const bool is_beside_;
  bool more_ = true;  // of the last piece; without a thread

  std::mutex mutex_;
  std::condition_variable changed_;
  bool wanted_ = true;  // there was a commit since the last piece began, or it left more
  bool stopping_ = false;
  bool keeps_up_ = true;
  std::size_t pieces_ = 0;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace espial::store
