#include "hub/http/form_body.hpp"

#include <nlohmann/json.hpp>

namespace espial::http {
namespace {

using Json = nlohmann::json;

/// Fills a form and stops at the first thing that has no place in one.
class FormReader final : public nlohmann::json_sax<Json> {
 public:
  explicit FormReader(Form& form) : form_(form) {}

  bool start_object(std::size_t) override { return !std::exchange(inside_, true); }
  bool key(std::string& name) override {
    name_ = name;
    return name.size() <= kFormTextBytesMax && form_.size() < kFormFieldsMax;
  }
  bool string(std::string& text) override {
    return inside_ && text.size() <= kFormTextBytesMax && form_.emplace(name_, text).second;
  }
  bool end_object() override { return true; }

  bool null() override { return false; }
  bool boolean(bool) override { return false; }
  bool number_integer(number_integer_t) override { return false; }
  bool number_unsigned(number_unsigned_t) override { return false; }
  bool number_float(number_float_t, const std::string&) override { return false; }
  bool binary(binary_t&) override { return false; }
  bool start_array(std::size_t) override { return false; }
  bool end_array() override { return false; }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return false;
  }

 private:
  Form& form_;
  std::string name_;
  bool inside_ = false;
};

}  // namespace

std::optional<Form> read_form_body(std::string_view text) {
  Form form;
  FormReader reader(form);
  if (!Json::sax_parse(text, &reader)) return std::nullopt;
  return form;
}

const std::string& field_of(const Form& form, std::string_view name) {
  static const std::string kNone;
  const auto found = form.find(name);
  return found == form.end() ? kNone : found->second;
}

}  // namespace espial::http
