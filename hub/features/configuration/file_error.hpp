#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// What a person who brought a file is told of it.
namespace espial::configuration {

/// Where a file is wrong, and what to write instead.
struct FileError {
  std::size_t line = 1;
  std::string text;
};
/// "Maison.json:12: ..."
std::string to_text(const FileError& error, std::string_view file);

/// A name that means nothing here; what stands under it was left out.
struct SkippedName {
  std::size_t line = 1;
  std::string name;
  std::string nearest;  ///< the known name that was probably meant, or empty
};
/// "Maison.json:12: ..."
std::string to_text(const SkippedName& skipped, std::string_view file);

}  // namespace espial::configuration
