#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <utility>

#include "hub/http/server.hpp"
#include "station/live_state.hpp"

namespace boost::asio {
class io_context;
}

namespace espial::main {

/// Carries changes of the live state to the pages, a few times a second: of what changed often in
/// between, pages get the last.
class EventPump final : public station::Observer {
 public:
  /// `announce` is called on the io_context's thread.
  EventPump(boost::asio::io_context& io, const station::LiveState& live,
            std::function<void(http::Event)> announce);
  ~EventPump() override;

  void on_change(const station::Change& change) override;
  void stop();

 private:
  class Timer;

  void flush();

  const station::LiveState& live_;
  std::function<void(http::Event)> announce_;
  std::shared_ptr<Timer> timer_;
  std::set<std::uint32_t> devices_;
  std::set<std::pair<std::uint32_t, std::uint8_t>> readings_;
  std::set<std::uint32_t> removed_;
};

}  // namespace espial::main
