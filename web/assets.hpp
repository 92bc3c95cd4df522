#pragma once

#include <string_view>

namespace espial::web {

/// One file of the built page, embedded in the program.
struct Asset {
  std::string_view path;  ///< as in the URL: "/index.html"
  std::string_view content_type;
  std::string_view hash;  ///< of the content, for ETag
  bool immutable;         ///< its name changes with its content: cache it for ever
  std::string_view raw;
  std::string_view gzip;  ///< empty when compressing did not pay
};

/// The file of that path; null when the page has none.
const Asset* find_asset(std::string_view path);

}  // namespace espial::web
