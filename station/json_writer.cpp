#include "station/json_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace espial::station {
namespace {

template <typename Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

bool needs_escape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

void append_escaped(std::string& out, char c) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '\\';
  if (c == '"' || c == '\\') {
    out += c;
  } else {
    const auto code = static_cast<unsigned char>(c);
    out += "u00";
    out += kHex[code >> 4];
    out += kHex[code & 15];
  }
}

}  // namespace

void JsonWriter::begin_object() { open('{'); }
void JsonWriter::end_object() { close('}'); }
void JsonWriter::begin_array() { open('['); }
void JsonWriter::end_array() { close(']'); }

void JsonWriter::begin_object(std::string_view name) {
  put_name(name);
  text_ += '{';
  is_first_ = true;
}

void JsonWriter::begin_array(std::string_view name) {
  put_name(name);
  text_ += '[';
  is_first_ = true;
}

void JsonWriter::add_text(std::string_view name, std::string_view text) {
  put_name(name);
  put_text(text);
}

void JsonWriter::add_number(std::string_view name, double number) {
  put_name(name);
  if (std::isfinite(number)) {
    append_number(text_, number);
  } else {
    text_ += "null";
  }
}

void JsonWriter::add_whole(std::string_view name, std::int64_t number) {
  put_name(name);
  append_number(text_, number);
}

void JsonWriter::add_bool(std::string_view name, bool value) {
  put_name(name);
  text_ += value ? "true" : "false";
}

void JsonWriter::add_null(std::string_view name) {
  put_name(name);
  text_ += "null";
}

void JsonWriter::open(char bracket) {
  separate();
  text_ += bracket;
  is_first_ = true;
}

void JsonWriter::close(char bracket) {
  text_ += bracket;
  is_first_ = false;
}

void JsonWriter::separate() {
  if (!is_first_) text_ += ',';
  is_first_ = false;
}

void JsonWriter::put_name(std::string_view name) {
  separate();
  text_ += '"';
  text_ += name;
  text_ += "\":";
}

void JsonWriter::put_text(std::string_view text) {
  text_ += '"';
  std::size_t plain = 0;  // where what needs no escape began
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!needs_escape(text[i])) continue;
    text_.append(text, plain, i - plain);
    append_escaped(text_, text[i]);
    plain = i + 1;
  }
  text_.append(text, plain);
  text_ += '"';
}

}  // namespace espial::station
