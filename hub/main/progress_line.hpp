#pragma once

#include <chrono>
#include <string>

namespace espial::main {

/// A line that is written over itself on a terminal, and not at all elsewhere.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Writes `text` in place of what was there; at most a few times a second.
  void show(const std::string& text);
  void clear();

 private:
  const bool terminal_;
  std::chrono::steady_clock::time_point shown_at_{};
};

}  // namespace espial::main
