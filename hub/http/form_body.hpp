#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace espial::http {

inline constexpr std::size_t kFormFieldsMax = 8;
inline constexpr std::size_t kFormTextBytesMax = 512;

/// What a form holds, by field.
using Form = std::map<std::string, std::string, std::less<>>;

/// Reads {"name": "ann", "role": "viewer"}: an object of texts. Nothing when it is something else,
/// nested, longer than the limits, or has a field twice.
std::optional<Form> read_form_body(std::string_view text);

/// A field's text; empty where it is missing.
const std::string& field_of(const Form& form, std::string_view name);

}  // namespace espial::http
