#include "hub/features/configuration/json_text.hpp"

#include <cstddef>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hub/features/configuration/json_lines.hpp"

namespace espial::configuration {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 8;
/// Names are those of our parts, or a sensor's address.
constexpr std::size_t kMaxNameSize = 64;

/// The parser's way through the text, which tells how far it has come: it does not say itself.
class Walk {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Walk(const char* at, std::size_t* line) : at_(at), line_(line) {}
  reference operator*() const { return *at_; }
  Walk& operator++() {
    if (*at_++ == '\n') ++*line_;
    return *this;
  }
  Walk operator++(int) {
    const Walk before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Walk& other) const { return at_ == other.at_; }
  bool operator!=(const Walk& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  std::size_t* line_;
};

/// Looks at the text while it is parsed; the first thing that is wrong counts.
class Watch {
 public:
  explicit Watch(const std::size_t& line) : line_(line) {}

  bool operator()(int level, json::parse_event_t event, const json& value) {
    if (error_) return false;
    if (level > kMaxDepth) {
      error_ = FileError{1, "the file is nested too deeply; write at most 8 levels"};
    } else if (event == json::parse_event_t::object_start) {
      names_.emplace_back();
    } else if (event == json::parse_event_t::object_end) {
      names_.pop_back();
    } else if (event == json::parse_event_t::key) {
      see(value.get_ref<const std::string&>());
    }
    return !error_;
  }

  std::optional<FileError> error() const { return error_; }

 private:
  void see(const std::string& name) {
    if (name.size() > kMaxNameSize) {
      error_ = FileError{line_, "a name is too long; write at most 64 bytes"};
    } else if (!names_.back().insert(name).second) {
      error_ = FileError{line_, "\"" + name +
                                    "\" is there twice in one object; leave one of the two out, "
                                    "or make one of them"};
    }
  }

  const std::size_t& line_;
  std::vector<std::set<std::string>> names_;  ///< of every object that is open
  std::optional<FileError> error_;
};

}  // namespace

std::variant<json, FileError> parse_file(std::string_view text) {
  std::size_t line = 1;
  Watch watch(line);
  const char* const end = text.data() + text.size();
  const auto ask = [&watch](int level, json::parse_event_t event, const json& value) {
    return watch(level, event, value);
  };
  try {
    // Where it stops being JSON the parser says only by exception.
    json root = json::parse(Walk(text.data(), &line), Walk(end, &line), ask);
    if (auto error = watch.error()) return *std::move(error);
    return root;
  } catch (const json::parse_error& error) {
    return FileError{line_of_byte(text, error.byte == 0 ? 0 : error.byte - 1),
                     "this is no JSON; look for a missing comma, quote or bracket here or in the "
                     "line before"};
  } catch (const json::exception&) {
    return FileError{1, "a number in the file is too large; write a smaller one"};
  }
}

}  // namespace espial::configuration
