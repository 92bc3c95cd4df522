#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "core/coordinator/records.hpp"
#include "core/node/application.hpp"
#include "core/node/rooms.hpp"
#include "core/transfer/report_ring.hpp"
#include "sim/network/numbered.hpp"
#include "sim/network/room_press.hpp"

namespace espial::sim {

/// A report that has become durable.
struct StoredReport {
  MacAddress mac;
  bool events = false;
  std::uint32_t stream_id = 0;
  std::optional<std::uint32_t> sequence;
  /// What its readings say; nothing when they are not what any board ever wrote.
  std::optional<Numbered> numbered;
  UnixTime taken_at;
  /// How far its stream has come with it, as the store keeps it.
  coordinator::StreamProgress progress{};
};

/// What can be seen of a network while it runs. Observers look and change nothing: a run with and
/// without them is the same run. `at` is the world's time, `board` a board's number.
class Observer {
 public:
  virtual ~Observer() = default;

  /// Power came or went. What the ring held is gone with it.
  virtual void on_power(Instant at, std::uint32_t board, bool on) {
    (void)at, (void)board, (void)on;
  }
  virtual void on_state(Instant at, std::uint32_t board, node::NodeState state) {
    (void)at, (void)board, (void)state;
  }
  /// The ring took a report.
  virtual void on_submitted(Instant at, std::uint32_t board, const Numbered& report) {
    (void)at, (void)board, (void)report;
  }
  /// The ring gave a report up for another, or never took it: counted by the board.
  virtual void on_dropped(Instant at, std::uint32_t board, const Numbered& report) {
    (void)at, (void)board, (void)report;
  }
  /// A report left the ring because the coordinator said that it is stored.
  virtual void on_settled(Instant at, std::uint32_t board, const Numbered& report) {
    (void)at, (void)board, (void)report;
  }
  virtual void on_stored(Instant at, const StoredReport& report) { (void)at, (void)report; }
  /// A reset of unknown length came over a held report: when it was taken will follow from the next
  /// time of day that its board is told; or, `entirely`, from nothing, for it had not been told
  /// any.
  virtual void on_time_lost(Instant at, std::uint32_t board, const Numbered& report,
                            bool entirely) {
    (void)at, (void)board, (void)report, (void)entirely;
  }
  /// The board was reset before the frame that it sealed last could leave.
  virtual void on_never_sent(Instant at, std::uint32_t board) { (void)at, (void)board; }
  /// The coordinator sealed with a counter that its store has not reserved.
  virtual void on_unreserved_counter(Instant at, std::uint32_t board, std::uint16_t counter) {
    (void)at, (void)board, (void)counter;
  }
  /// A device's books don't add up: whoever keeps them beside it says what is wrong, and where.
  virtual void on_broken(Instant at, std::string_view what, const std::string& where) {
    (void)at, (void)what, (void)where;
  }
  /// The coordinator took a command for a board. `number` is what it shall do.
  virtual void on_command(Instant at, std::uint32_t board, std::uint32_t id, std::uint32_t number,
                          UnixTime expiry) {
    (void)at, (void)board, (void)id, (void)number, (void)expiry;
  }
  /// How a command stands is durable: that it is queued, or its end.
  virtual void on_command_stored(Instant at, std::uint32_t board, std::uint32_t id,
                                 coordinator::CommandState state) {
    (void)at, (void)board, (void)id, (void)state;
  }
  virtual void on_executed(Instant at, std::uint32_t board, std::uint32_t number) {
    (void)at, (void)board, (void)number;
  }
  /// The end of a command is told to people. A hub that loses power may never tell it.
  virtual void on_command_ended(Instant at, std::uint32_t board, std::uint32_t id,
                                coordinator::CommandState state) {
    (void)at, (void)board, (void)id, (void)state;
  }
  /// It is durable that the hub has forgotten a board: streams, commands, key.
  virtual void on_forgotten(Instant at, std::uint32_t board) { (void)at, (void)board; }
  /// A button was pressed that knows a lamp.
  virtual void on_pressed(Instant at, const RoomPress& press) { (void)at, (void)press; }
  /// A lamp did what it was told; `press` is nothing where no button says that. `online`: a hub
  /// answers it, as far as it knows.
  virtual void on_press_executed(Instant at, std::uint32_t board,
                                 const std::optional<RoomPress>& press, bool online) {
    (void)at, (void)board, (void)press, (void)online;
  }
  /// The button was told, or gave up. One that is reset meanwhile never is.
  virtual void on_press_ended(Instant at, const RoomPress& press, node::PressEnd how) {
    (void)at, (void)press, (void)how;
  }
  /// A thermometer of an S0 module was looked at, in hundredths of a degree.
  virtual void on_s0_measured(Instant at, std::uint32_t module, std::size_t slot,
                              std::int16_t centi) {
    (void)at, (void)module, (void)slot, (void)centi;
  }
  /// The server, the hub or a neighbour's, took what it says.
  virtual void on_s0_reading(Instant at, std::uint32_t module, std::size_t slot,
                             std::int16_t centi) {
    (void)at, (void)module, (void)slot, (void)centi;
  }
  /// Somebody wants a function of an Espial board that is a module of S0's to be so.
  virtual void on_s0_told(Instant at, std::uint32_t module, std::size_t slot, std::int32_t wanted) {
    (void)at, (void)module, (void)slot, (void)wanted;
  }
  /// The board has done so.
  virtual void on_s0_executed(Instant at, std::uint32_t module, std::size_t slot,
                              std::int32_t wanted) {
    (void)at, (void)module, (void)slot, (void)wanted;
  }
};

/// Broken promises: what, how often, and the first case in words.
class Violations {
 public:
  struct Entry {
    std::uint64_t count = 0;
    Instant first_at;
    std::string first;
  };

  void add(Instant at, std::string_view what, std::string detail) {
    Entry& entry = entries_[std::string(what)];
    if (entry.count++ > 0) return;
    entry.first_at = at;
    entry.first = std::move(detail);
  }
  bool empty() const { return entries_.empty(); }
  const std::map<std::string, Entry>& entries() const { return entries_; }

 private:
  std::map<std::string, Entry> entries_;
};

/// Writes down what those say who keep books beside a device.
class AuditLog final : public Observer {
 public:
  explicit AuditLog(Violations& violations) : violations_(violations) {}

  void on_broken(Instant at, std::string_view what, const std::string& where) override {
    violations_.add(at, what, where);
  }

 private:
  Violations& violations_;
};

/// Hands everything to everybody who looks.
class Watch final : public Observer {
 public:
  /// `observer` must outlive the watch.
  void add(Observer& observer) { observers_.push_back(&observer); }

  void on_power(Instant at, std::uint32_t board, bool on) override {
    for (Observer* one : observers_) one->on_power(at, board, on);
  }
  void on_state(Instant at, std::uint32_t board, node::NodeState state) override {
    for (Observer* one : observers_) one->on_state(at, board, state);
  }
  void on_submitted(Instant at, std::uint32_t board, const Numbered& report) override {
    for (Observer* one : observers_) one->on_submitted(at, board, report);
  }
  void on_dropped(Instant at, std::uint32_t board, const Numbered& report) override {
    for (Observer* one : observers_) one->on_dropped(at, board, report);
  }
  void on_settled(Instant at, std::uint32_t board, const Numbered& report) override {
    for (Observer* one : observers_) one->on_settled(at, board, report);
  }
  void on_stored(Instant at, const StoredReport& report) override {
    for (Observer* one : observers_) one->on_stored(at, report);
  }
  void on_time_lost(Instant at, std::uint32_t board, const Numbered& report,
                    bool entirely) override {
    for (Observer* one : observers_) one->on_time_lost(at, board, report, entirely);
  }
  void on_never_sent(Instant at, std::uint32_t board) override {
    for (Observer* one : observers_) one->on_never_sent(at, board);
  }
  void on_unreserved_counter(Instant at, std::uint32_t board, std::uint16_t counter) override {
    for (Observer* one : observers_) one->on_unreserved_counter(at, board, counter);
  }
  void on_broken(Instant at, std::string_view what, const std::string& where) override {
    for (Observer* one : observers_) one->on_broken(at, what, where);
  }
  void on_command(Instant at, std::uint32_t board, std::uint32_t id, std::uint32_t number,
                  UnixTime expiry) override {
    for (Observer* one : observers_) one->on_command(at, board, id, number, expiry);
  }
  void on_command_stored(Instant at, std::uint32_t board, std::uint32_t id,
                         coordinator::CommandState state) override {
    for (Observer* one : observers_) one->on_command_stored(at, board, id, state);
  }
  void on_executed(Instant at, std::uint32_t board, std::uint32_t number) override {
    for (Observer* one : observers_) one->on_executed(at, board, number);
  }
  void on_command_ended(Instant at, std::uint32_t board, std::uint32_t id,
                        coordinator::CommandState state) override {
    for (Observer* one : observers_) one->on_command_ended(at, board, id, state);
  }
  void on_forgotten(Instant at, std::uint32_t board) override {
    for (Observer* one : observers_) one->on_forgotten(at, board);
  }
  void on_pressed(Instant at, const RoomPress& press) override {
    for (Observer* one : observers_) one->on_pressed(at, press);
  }
  void on_press_executed(Instant at, std::uint32_t board, const std::optional<RoomPress>& press,
                         bool online) override {
    for (Observer* one : observers_) one->on_press_executed(at, board, press, online);
  }
  void on_press_ended(Instant at, const RoomPress& press, node::PressEnd how) override {
    for (Observer* one : observers_) one->on_press_ended(at, press, how);
  }
  void on_s0_measured(Instant at, std::uint32_t module, std::size_t slot,
                      std::int16_t centi) override {
    for (Observer* one : observers_) one->on_s0_measured(at, module, slot, centi);
  }
  void on_s0_reading(Instant at, std::uint32_t module, std::size_t slot,
                     std::int16_t centi) override {
    for (Observer* one : observers_) one->on_s0_reading(at, module, slot, centi);
  }
  void on_s0_told(Instant at, std::uint32_t module, std::size_t slot,
                  std::int32_t wanted) override {
    for (Observer* one : observers_) one->on_s0_told(at, module, slot, wanted);
  }
  void on_s0_executed(Instant at, std::uint32_t module, std::size_t slot,
                      std::int32_t wanted) override {
    for (Observer* one : observers_) one->on_s0_executed(at, module, slot, wanted);
  }

 private:
  std::vector<Observer*> observers_;
};

}  // namespace espial::sim
