#pragma once

#include <cstdio>
#include <string>

namespace espial {

/// For tests: all of a file, nothing when it can't be read. Tests run in the repository's root. C's
/// files, because these tests also run on bare metal, where C++'s streams are not.
inline std::string read_file(const std::string& path) {
  std::string text;
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return text;
  char part[4096];
  for (std::size_t size = 1; size > 0;) {
    size = std::fread(part, 1, sizeof part, file);
    text.append(part, size);
  }
  std::fclose(file);
  return text;
}

}  // namespace espial
