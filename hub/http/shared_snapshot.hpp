#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "hub/http/bytes_under_way.hpp"
#include "hub/http/dashboard.hpp"
#include "hub/http/event_log.hpp"

namespace espial::http {

/// The dashboard's first picture as JSON, one text for all who may have the same: it may be
/// megabytes, and of clients that read slowly there may be a thousand.
class SharedSnapshot {
 public:
  struct Picture {
    std::shared_ptr<const std::string> json;  ///< nothing: too much is under way already
    std::uint64_t revision = 0;               ///< everything up to this event is in it
  };

  /// No picture is handed out again after `age`: it says what time it is.
  SharedSnapshot(Dashboard& dashboard, const EventLog& events, BytesUnderWay& under_way,
                 std::chrono::milliseconds age)
      : dashboard_(dashboard), events_(events), under_way_(under_way), age_(age) {}

  /// What is now: whoever was just told that something is changed finds it there.
  Picture of_now();
  /// For an event stream, on which whatever happened since then follows: up to 64 events behind.
  Picture recent();

  const BytesUnderWay& under_way() const { return under_way_; }

 private:
  using Clock = std::chrono::steady_clock;

  bool is_young() const { return last_.json && Clock::now() < made_ + age_; }
  /// Keeps it for those who come next, if there is room.
  Picture keep(std::string json);

  Dashboard& dashboard_;
  const EventLog& events_;
  BytesUnderWay& under_way_;
  const std::chrono::milliseconds age_;
  Picture last_;
  Clock::time_point made_{};
};

/// `{"revision":..,"now":..,"devices":..,"system":..,"keys":..}`
std::string snapshot_json(const Snapshot& snapshot, std::uint64_t revision);

}  // namespace espial::http
