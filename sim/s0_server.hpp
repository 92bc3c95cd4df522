#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "core/port/radio.hpp"
#include "sim/s0_structs.hpp"

namespace espial::sim::s0 {

/// A server of S0's with its firmware unchanged: an ESP32 in AP+STA, which answers from its
/// station's address that modules shall send to its softAP's. It knows nothing of Espial.
class Server {
 public:
  struct Settings {
    std::uint8_t server = 1;
    MacAddress softap;
    /// By module: function id, type and control index of each slot.
    struct Slot {
      std::uint8_t id = kNone;
      std::uint8_t type = kNone;
      std::uint8_t control = kNone;
    };
    std::map<std::uint8_t, std::vector<Slot>> modules;
  };
  struct Heard {
    MacAddress module;
    DataStruct data;
  };

  Server(const Settings& settings, Radio& radio) : settings_(settings), radio_(radio) {}

  void on_frame(const ReceivedFrame& frame);
  void on_sent();

  void set_point(const MacAddress& module, const DataStruct& wanted) { push(module, wanted); }
  void ping(const MacAddress& module, std::int32_t number);
  void reset(const MacAddress& module);

  const std::vector<Heard>& heard() const { return heard_; }
  std::uint32_t answered() const { return answered_; }
  std::uint32_t echoes() const { return echoes_; }

 private:
  template <class Struct>
  void push(const MacAddress& to, const Struct& content) {
    const ByteView bytes = bytes_of(content);
    waiting_.push_back({to, {bytes.begin(), bytes.end()}});
    send_next();
  }
  void send_next();

  Settings settings_;
  Radio& radio_;
  std::deque<std::pair<MacAddress, std::vector<std::uint8_t>>> waiting_;
  std::vector<Heard> heard_;
  std::uint32_t answered_ = 0;
  std::uint32_t echoes_ = 0;
  std::int32_t last_ping_ = 0;
};

}  // namespace espial::sim::s0
