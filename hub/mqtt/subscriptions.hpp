#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/mqtt/packet.hpp"

namespace espial::mqtt {

/// What the application wants to hear, and how much of that the broker has confirmed.
class Subscriptions {
 public:
  using Answer = std::function<void(std::string_view filter, Qos asked, Reason reason)>;

  /// Adds or replaces. False for a filter that is not one.
  [[nodiscard]] bool add(const Subscription& subscription);
  void remove(std::string_view filter);

  /// A connection is up. Without the session everything is asked for again as the first time. With
  /// it what was confirmed is renewed, without the retained messages that we had: a broker that was
  /// killed may come back with a state from before the subscription, and would leave us deaf.
  void connection_up(bool session_present);
  void connection_lost();

  /// Writes SUBSCRIBE and UNSUBSCRIBE for what the broker does not know yet and has not been asked.
  void send(std::vector<std::uint8_t>& output);

  /// SUBACK or UNSUBACK; calls `answer` for each filter of a SUBACK, except for those
  /// renewed with success. False when it fits no request.
  bool on_ack(const SubscribeAck& ack, const Answer& answer);

 private:
  static constexpr std::size_t kFiltersPerRequest = 64;

  enum class Stage : std::uint8_t { kWanted, kAsked, kConfirmed, kRefused, kUnwanted, kLeaving };
  struct Entry {
    std::string filter;
    Subscription how;  ///< its filter is not used
    Stage stage = Stage::kWanted;
    std::uint16_t packet_id = 0;  ///< of the request that is unanswered
    std::size_t position = 0;     ///< in that request
    bool renewing = false;        ///< confirmed before, and the broker says it kept the session
  };

  void next_packet_id();

  std::vector<Entry> entries_;
  std::uint16_t last_packet_id_ = 0;
};

}  // namespace espial::mqtt
