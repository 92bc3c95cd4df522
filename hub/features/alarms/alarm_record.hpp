#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.hpp"

namespace espial::alarms {

/// How an alarm stands and what people have said to it; kept over a restart, so that an alarm that
/// was acknowledged is not told as a new one.
///
///     rule      ____/^^^^^^^^^^^^^^^^^\_____/^^^^^^^
///     raised    ____|^^^^^^^^^^^^^^^^^|_____|^^^^^^^
///     acknowledged  ______|^^^^^^^^^^^|_____________   ends with the alarm: a new one is not
struct AlarmRecord {
  struct Acknowledgement {
    std::string by;
    UnixTime at{};
  };
  struct Silence {
    std::string by;
    UnixTime until{};  ///< not known: until somebody ends it
  };

  bool raised = false;
  UnixTime since{};  ///< not known: never raised
  /// `since` of the raised alarm that was told last; not known: told that all is well.
  UnixTime told{};
  std::optional<Acknowledgement> acknowledged{};
  /// Meanwhile nothing is told.
  std::optional<Silence> silence{};

  /// What `told` is once this has been told.
  UnixTime to_tell() const { return raised ? since : UnixTime{}; }
};

/// One line of JSON.
std::string write_record(const AlarmRecord& record);
/// Nothing for what `write_record` has not written.
std::optional<AlarmRecord> read_record(std::string_view json);

}  // namespace espial::alarms
