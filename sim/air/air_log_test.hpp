#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "sim/air/air.hpp"

// What the air's tests share: a sink that writes down, and radios in a line.
namespace espial::sim {

struct AirLog : AirSink {
  struct Heard {
    Instant at;
    RadioId receiver;
    MacAddress source;
    MacAddress destination;
    int rssi_dbm = 0;
    Channel channel;
    std::vector<std::uint8_t> body;
  };
  struct Sent {
    Instant at;
    RadioId sender;
    bool acknowledged;
  };

  void on_delivery(Instant at, RadioId receiver, const ReceivedFrame& frame) override {
    heard.push_back({at,
                     receiver,
                     frame.source,
                     *frame.destination,
                     *frame.rssi_dbm,
                     frame.channel,
                     {frame.body.begin(), frame.body.end()}});
  }
  void on_sent(Instant at, RadioId sender, bool acknowledged) override {
    sent.push_back({at, sender, acknowledged});
  }

  std::vector<Heard> heard;
  std::vector<Sent> sent;
};

inline MacAddress test_mac(std::uint32_t number) {
  return {{2, 0, 0, 0, static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number)}};
}

inline RadioSettings test_radio(std::uint32_t number, std::uint8_t channel = 6) {
  RadioSettings settings;
  settings.address = test_mac(number);
  settings.channel = Channel{channel};
  settings.max_body_size = kMaxBodyV2;
  return settings;
}

inline RadioSettings test_radio_at(std::uint32_t number, std::int32_t x_m,
                                   std::uint8_t channel = 6) {
  RadioSettings settings = test_radio(number, channel);
  settings.position = Position{x_m * 100, 0};
  return settings;
}

/// `size` bytes; valid for ever.
inline ByteView test_bytes(std::size_t size) {
  static const std::array<std::uint8_t, 2000> kZeros{};
  return ByteView(kZeros).subview(0, size);
}

/// Radios that always have another frame to send.
struct BusySenders : AirLog {
  explicit BusySenders(Air& the_air) : air(the_air) {}

  void add(RadioId sender, const MacAddress& destination, std::size_t body_size) {
    jobs[sender] = {destination, body_size};
    (void)air.transmit(now, sender, destination, test_bytes(body_size));
  }
  void on_sent(Instant at, RadioId sender, bool acknowledged) override {
    AirLog::on_sent(at, sender, acknowledged);
    const auto job = jobs.find(sender);
    if (job == jobs.end()) return;
    (void)air.transmit(at, sender, job->second.destination, test_bytes(job->second.body_size));
  }
  void run_for(Duration span) {
    now = now + span;
    air.advance(now, *this);
  }

  struct Job {
    MacAddress destination;
    std::size_t body_size = 0;
  };
  Air& air;
  Instant now;
  std::map<RadioId, Job> jobs;
};

/// Until nothing is in flight. @returns the time of the last event.
inline Instant run_all(Air& air, AirSink& sink) {
  Instant now;
  while (air.next_event() != kNever) {
    now = air.next_event();
    air.advance(now, sink);
  }
  return now;
}

}  // namespace espial::sim
