#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace espial::http {

/// How many bytes of large answers are kept for clients that have not read them yet: each text
/// once, however many clients it goes to, until the last of them has it or is gone.
class BytesUnderWay {
 public:
  explicit BytesUnderWay(std::size_t limit) : limit_(limit) {}

  std::size_t bytes() const { return *bytes_; }

  /// Whether so many more may be kept. One text alone always may, whatever its size.
  bool has_room_for(std::size_t bytes) const { return *bytes_ == 0 || *bytes_ + bytes <= limit_; }

  /// A text that counts as long as anybody holds it, also when that is longer than this object.
  std::shared_ptr<const std::string> count(std::string text) {
    *bytes_ += text.size();
    return {new std::string(std::move(text)), [bytes = bytes_](const std::string* counted) {
              *bytes -= counted->size();
              delete counted;
            }};
  }

 private:
  const std::size_t limit_;
  std::shared_ptr<std::size_t> bytes_ = std::make_shared<std::size_t>(0);
};

}  // namespace espial::http
