#include "hub/features/configuration/page_template.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

namespace espial::configuration {
namespace {

const std::set<std::string, std::less<>> kTags = {
    "a",     "b",  "br",    "caption", "dd",    "div",    "dl",  "dt",  "em",
    "h1",    "h2", "h3",    "h4",      "h5",    "h6",     "hr",  "i",   "li",
    "ol",    "p",  "pre",   "small",   "span",  "strong", "sub", "sup", "table",
    "tbody", "td", "tfoot", "th",      "thead", "tr",     "u",   "ul"};
const std::set<std::string, std::less<>> kAttributes = {"class", "colspan", "id", "rowspan",
                                                        "title"};
/// What stands between these is no text.
const std::set<std::string, std::less<>> kSilent = {"script",   "style",    "iframe", "object",
                                                    "template", "noscript", "svg",    "math"};

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == ':';
}
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

class Renderer {
 public:
  Renderer(std::string_view html, const Values& values) : rest_(html), values_(values) {}

  Rendered run() {
    while (!rest_.empty()) {
      const std::size_t tag = rest_.find('<');
      add_text(rest_.substr(0, tag));
      if (tag == std::string_view::npos) break;
      rest_.remove_prefix(tag);
      read_tag();
    }
    return std::move(result_);
  }

 private:
  void drop(std::string what) {
    constexpr std::size_t kMostNamed = 32;
    auto& dropped = result_.dropped;
    if (dropped.size() >= kMostNamed) return;
    if (std::find(dropped.begin(), dropped.end(), what) == dropped.end()) {
      dropped.push_back(std::move(what));
    }
  }

  /// Text of the template with its keys replaced; entities like &deg; stay what they are.
  std::string filled(std::string_view text) const {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (text[at] == '$') {
        std::size_t end = at + 1;
        while (end < text.size() && std::isalnum(static_cast<unsigned char>(text[end])) != 0) ++end;
        const auto value = values_.find(text.substr(at + 1, end - at - 1));
        if (value != values_.end()) {
          out += escape_html(value->second);
          at = end - 1;
          continue;
        }
      }
      out += text[at] == '&' ? "&" : escape_html(text.substr(at, 1));
    }
    return out;
  }

  void add_text(std::string_view text) { result_.html += filled(text); }

  /// `rest_` begins with '<'.
  void read_tag() {
    if (rest_.substr(0, 4) == "<!--") return skip_behind("-->");
    const bool closes = rest_.substr(1, 1) == "/";
    std::size_t at = closes ? 2 : 1;
    const std::size_t begin = at;
    while (at < rest_.size() && is_name(rest_[at])) ++at;
    const std::string name = lower(rest_.substr(begin, at - begin));
    if (name.empty()) {
      // "3 < 4", or a declaration: a sign like others.
      result_.html += "&lt;";
      rest_.remove_prefix(1);
      return;
    }
    const bool kept = kTags.count(name) > 0;
    std::string tag = closes ? "</" + name : "<" + name;
    const std::size_t end = read_attributes(at, kept && !closes, tag);
    rest_.remove_prefix(end);
    if (kept) {
      result_.html += tag + ">";
      if (!closes) fill_element();
      return;
    }
    drop("<" + name.substr(0, 20) + ">");
    if (!closes && kSilent.count(name) > 0) skip_element(name);
  }

  /// Reads up to and over '>', quotes respected. @returns how much of `rest_` the tag takes.
  std::size_t read_attributes(std::size_t at, bool keep, std::string& tag) {
    while (at < rest_.size() && rest_[at] != '>') {
      if (!is_name(rest_[at])) {
        ++at;
        continue;
      }
      const std::size_t begin = at;
      while (at < rest_.size() && is_name(rest_[at])) ++at;
      const std::string name = lower(rest_.substr(begin, at - begin));
      const std::string_view value = read_value(at);
      if (keep && is_place(name, value)) {
        place_ = value.substr(1);
      } else if (keep && kAttributes.count(name) > 0) {
        tag += " " + name + "=\"" + filled(value) + "\"";
      } else if (keep) {
        drop(name.substr(0, 20));
      }
    }
    return std::min(at + 1, rest_.size());
  }

  /// S0's own templates name the element that a value goes into: `<span id="$F1">`.
  bool is_place(const std::string& name, std::string_view value) const {
    return name == "id" && value.substr(0, 1) == "$" && values_.count(value.substr(1)) > 0;
  }

  /// What the template has there is what S0's page shows before the first value.
  void fill_element() {
    if (place_.empty()) return;
    result_.html += escape_html(values_.find(std::exchange(place_, {}))->second);
    rest_.remove_prefix(std::min(rest_.find('<'), rest_.size()));
  }

  /// What follows a name: nothing, or '=' and a value with quotes or without.
  std::string_view read_value(std::size_t& at) {
    std::size_t next = at;
    while (next < rest_.size() && is_blank(rest_[next])) ++next;
    if (next >= rest_.size() || rest_[next] != '=') return {};
    ++next;
    while (next < rest_.size() && is_blank(rest_[next])) ++next;
    if (next < rest_.size() && (rest_[next] == '"' || rest_[next] == '\'')) {
      const std::size_t end = std::min(rest_.find(rest_[next], next + 1), rest_.size());
      at = std::min(end + 1, rest_.size());
      return rest_.substr(next + 1, end - next - 1);
    }
    at = next;
    while (at < rest_.size() && !is_blank(rest_[at]) && rest_[at] != '>') ++at;
    return rest_.substr(next, at - next);
  }

  void skip_behind(std::string_view mark) {
    const std::size_t end = rest_.find(mark);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + mark.size());
  }

  void skip_element(const std::string& name) {
    const std::string all = lower(rest_);
    const std::size_t end = all.find("</" + name);
    rest_.remove_prefix(end == std::string::npos ? rest_.size() : end);
    skip_behind(">");
  }

  std::string_view rest_;
  const Values& values_;
  std::string_view place_;  ///< what the tag at hand is to show
  Rendered result_;
};

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

Rendered render_template(std::string_view html, const Values& values) {
  return Renderer(html, values).run();
}

}  // namespace espial::configuration
