#pragma once

#include "hub/features/trace/report_trace.hpp"
#include "hub/http/handler.hpp"
#include "hub/http/server.hpp"
#include "station/live_state.hpp"

namespace espial::main {

/// What the trace of a report is put together from.
struct TraceParts {
  const station::LiveState& live;
  const trace::ReportTrace& trace;
  const http::Server& server;
};

/// `/api/trace/{mac}`: the device's last reports; `/api/trace/{mac}/{sequence}`: one of them.
void answer_trace(const TraceParts& parts, const http::Request& request, const http::Target& target,
                  const http::Reply& reply);

}  // namespace espial::main
