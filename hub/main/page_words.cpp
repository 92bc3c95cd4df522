#include "hub/main/page_words.hpp"

#include <algorithm>
#include <cctype>

namespace espial::main {
namespace {

struct Word {
  std::string_view language;
  std::string_view offline;
};

constexpr Word kWords[] = {{"en", "offline"}, {"fr", "hors ligne"}, {"ru", "не в сети"}};

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char one, char other) {
    return std::tolower(static_cast<unsigned char>(one)) == other;
  });
}

}  // namespace

std::string_view offline_word(std::string_view accept_language) {
  while (!accept_language.empty()) {
    const std::size_t comma = std::min(accept_language.find(','), accept_language.size());
    std::string_view tag = accept_language.substr(0, comma);
    accept_language.remove_prefix(std::min(comma + 1, accept_language.size()));
    tag.remove_prefix(std::min(tag.find_first_not_of(' '), tag.size()));
    tag = tag.substr(0, tag.find_first_of("-; "));
    for (const Word& word : kWords) {
      if (same(tag, word.language)) return word.offline;
    }
  }
  return kWords[0].offline;
}

}  // namespace espial::main
