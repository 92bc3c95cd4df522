#pragma once

#include <string_view>

#include "hub/http/dashboard.hpp"

namespace espial::http {

/// Whether `POST /api/keys/<word>` means anything.
bool is_keys_word(std::string_view word);

/// Reads the body that such a request needs (`openapi.yaml`, Keys).
/// @param word  one of which is_keys_word() says yes.
/// @returns nullptr, or a sentence that tells the sender what to send instead.
const char* read_keys_request(std::string_view word, std::string_view body, KeysRequest& request);

}  // namespace espial::http
