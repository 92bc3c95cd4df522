#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace espial::station {

/// Writes JSON straight into a text, in the order of the calls, which the caller keeps right: a
/// tree of ten thousand devices costs more than all of their letters. UTF-8 goes through as it is.
class JsonWriter {
 public:
  void begin_object();
  void end_object();
  void begin_array();
  void end_array();

  /// The members of an object. Their names are the program's own: nothing in them needs an escape.
  void begin_object(std::string_view name);
  void begin_array(std::string_view name);
  void add_text(std::string_view name, std::string_view text);
  /// The shortest that is read back as this number; null for what is not finite.
  void add_number(std::string_view name, double number);
  void add_whole(std::string_view name, std::int64_t number);
  void add_bool(std::string_view name, bool value);
  void add_null(std::string_view name);

  void reserve(std::size_t size_bytes) { text_.reserve(size_bytes); }
  const std::string& text() const& { return text_; }
  std::string text() && { return std::move(text_); }

 private:
  void open(char bracket);
  void close(char bracket);
  void separate();
  void put_name(std::string_view name);
  void put_text(std::string_view text);

  std::string text_;
  bool is_first_ = true;  // of its object or array
};

}  // namespace espial::station
