#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace espial::configuration {

/// What a template's keys stand for: "F1", "Title", ...
using Values = std::map<std::string, std::string, std::less<>>;

struct Rendered {
  std::string html;
  /// What was left out, each once: "<script>", "onclick".
  std::vector<std::string> dropped;
};

/// Turns one of S0's HTML templates into safe HTML: `$key` becomes the key's value, escaped, and
/// nothing else is replaced; an unknown key stays as it is. An element whose id is a `$key` shows
/// the key's value in place of its own text, as on S0's page. Of the template's own tags and
/// attributes only those are kept that show text, tables and lists; scripts, styles, forms, event
/// handlers, links and whatever else are dropped and named. What a script holds goes with it.
Rendered render_template(std::string_view html, const Values& values);

/// For text between tags and in attributes.
std::string escape_html(std::string_view text);

}  // namespace espial::configuration
