#pragma once

#include <string_view>

namespace espial::mqtt {

/// True for text as MQTT allows it: well-formed UTF-8 of at most 65 535 bytes without U+0000.
bool valid_text(std::string_view text);

/// True for a topic name: valid text, not empty, no wildcards.
bool valid_topic(std::string_view topic);

/// True for a topic filter: valid text, not empty, `#` only as the whole last level, `+` only as a
/// whole level.
bool valid_filter(std::string_view filter);

/// True when a valid filter covers a valid topic. Wildcards at the front don't cover topics that
/// begin with `$`. `$share/<group>/` at the front of a filter is skipped.
bool filter_matches(std::string_view filter, std::string_view topic);

}  // namespace espial::mqtt
