#pragma once

#include <cstdint>

namespace espial::sim {

/// Whether an object of the core asks the heap for memory while it runs: it never may. Core is
/// called through in_core(); where it calls a port, the port's own doing is OutsideCore again.
///
///     scenario --in_core()--> node, gateway, coordinator --OutsideCore--> air, store, books
///
/// The counting operator new is in counting_new.cpp, which only tests and sim_seeds are made with:
/// elsewhere nothing is counted.
class HeapWatch {
 public:
  /// Requests made by core so far. A simulation has one thread, and so has what counts.
  static std::uint64_t requests() { return requests_; }
  /// Who made the first of them; null when there was none.
  static const char* first() { return first_; }
  /// True where operator new counts.
  static bool counts();

  /// For operator new.
  static void on_request() {
    if (inside_ == nullptr) return;
    if (requests_++ == 0) first_ = inside_;
  }

 private:
  friend class InCore;
  friend class OutsideCore;

  static const char* inside_;  ///< which part of core runs; null: none
  static const char* first_;
  static std::uint64_t requests_;
};

/// From here on core runs, until the end of the scope.
class InCore {
 public:
  explicit InCore(const char* what) : before_(HeapWatch::inside_) { HeapWatch::inside_ = what; }
  ~InCore() { HeapWatch::inside_ = before_; }
  InCore(const InCore&) = delete;
  InCore& operator=(const InCore&) = delete;

 private:
  const char* before_;
};

/// A port of ours runs, whoever called it, until the end of the scope.
class OutsideCore {
 public:
  OutsideCore() : before_(HeapWatch::inside_) { HeapWatch::inside_ = nullptr; }
  ~OutsideCore() { HeapWatch::inside_ = before_; }
  OutsideCore(const OutsideCore&) = delete;
  OutsideCore& operator=(const OutsideCore&) = delete;

 private:
  const char* before_;
};

/// One call of a role, as `in_core(*node, "node")->on_frame(...)`.
template <typename Role>
class CoreCall {
 public:
  CoreCall(Role& role, const char* what) : role_(role), inside_(what) {}
  Role* operator->() { return &role_; }

 private:
  Role& role_;
  InCore inside_;
};
template <typename Role>
CoreCall<Role> in_core(Role& role, const char* what) {
  return {role, what};
}

}  // namespace espial::sim
