#pragma once

#include <string_view>

namespace espial::main {

/// "offline" in the first language of `accept_language` (a browser's header, the one it likes best
/// first) that pages speak: English, French or Russian; in English where it names none of them.
std::string_view offline_word(std::string_view accept_language);

}  // namespace espial::main
