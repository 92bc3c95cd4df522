#pragma once

#include <string>
#include <string_view>

#include "hub/http/message.hpp"

namespace espial::main {

/// 200 with JSON, after a change that the audit log shall tell of in these words.
http::Response changed(std::string json, std::string action, std::string about,
                       unsigned status = 200);
/// 405, naming what is allowed: "GET, PUT".
http::Response wrong_method(const char* allowed);
/// 503: the store takes no more now.
http::Response store_busy();
/// 404, with a sentence that says what there is not.
http::Response not_there(std::string_view sentence);
/// 422, with a sentence that says what to write instead.
http::Response not_possible(std::string_view sentence);

}  // namespace espial::main
