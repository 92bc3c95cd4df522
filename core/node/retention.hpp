#pragma once

#include "core/base/time.hpp"
#include "core/node/retained.hpp"
#include "core/node/retained_copies.hpp"
#include "core/port/retained_memory.hpp"

namespace espial::node {

class Node;

/// Keeps a node's session, reports and time of day in retained memory, over deep sleep and resets.
/// A node that is handed none (Ports::retention) begins anew after each.
///
/// A part of one node, and works on what is the node's. Its functions are virtual so that firmware
/// which makes none does not carry their code.
class Retention {
 public:
  /// `memory` has retained_size() bytes; in less it keeps less. It must outlive this.
  explicit Retention(RetainedMemory& memory) : memory_(memory), copies_(&memory) {}
  Retention(const Retention&) = delete;
  Retention& operator=(const Retention&) = delete;

  /// Gives a new node what was kept.
  virtual void restore(Node& node, Instant now);
  /// Lets a node with a restored session begin with it, or with a new one where nobody knows what
  /// time it is any more.
  virtual void go_on(Node& node, Instant now);
  /// Somebody said what time it is, before the node takes it for its own: reports of a node that
  /// did not know how long it slept get their age, and what its clock does while it sleeps is
  /// learned. A sleeper begins a new session once a day for that.
  virtual void on_time(Node& node, Instant now, UnixTime time);
  /// Keeps what the node has now.
  virtual void keep(Node& node, Instant now);

 private:
  void learn_drift(const Node& node, Instant now, UnixTime time);
  void place_by_time(Node& node, Instant now, UnixTime time);

  RetainedMemory& memory_;
  RetainedCopies copies_;
  SleepClock sleep_clock_;
  UnixTime utc_before_;  ///< at the restart, at the earliest; known while ages are open
  Instant started_at_;
};

}  // namespace espial::node
