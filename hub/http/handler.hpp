#pragma once

#include <cstdint>
#include <functional>

#include "hub/http/message.hpp"
#include "hub/http/target.hpp"

namespace espial::http {

using Reply = std::function<void(Response)>;

/// Answers the requests below one address, for a feature that is not part of the dashboard's
/// first picture. The guard has let the request pass; `reply` is called exactly once, now or later.
using Handler = std::function<void(const Request&, const Target&, const Reply&)>;

/// Whom a handler outside of "api" answers; within, the address says what a visitor must be.
enum class Audience : std::uint8_t {
  kViewers,    ///< whoever may look at the dashboard
  kEverybody,  ///< strangers too, also without TLS: what it answers is public
};

}  // namespace espial::http
