#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <utility>

#include "hub/features/trace/report_trace.hpp"
#include "hub/http/server.hpp"
#include "station/function_notes.hpp"
#include "station/live_state.hpp"

namespace boost::asio {
class io_context;
}

namespace espial::main {

/// Carries changes of the live state to the pages, a few times a second: of what changed often in
/// between, pages get the last. While no page is open it costs nothing.
class EventPump final : public station::Observer {
 public:
  /// All of them outlive the pump; `trace` is told of what was announced.
  EventPump(boost::asio::io_context& io, const station::LiveState& live, http::Server& server,
            trace::ReportTrace& trace, const station::FunctionNotes& notes);
  ~EventPump() override;

  void on_change(const station::Change& change) override;
  void stop();

 private:
  class Timer;

  void flush();

  const station::LiveState& live_;
  http::Server& server_;
  trace::ReportTrace& trace_;
  const station::FunctionNotes& notes_;
  std::shared_ptr<Timer> timer_;
  std::set<std::uint32_t> devices_;
  std::set<std::pair<std::uint32_t, std::uint8_t>> readings_;
  std::set<std::uint32_t> removed_;
};

}  // namespace espial::main
