#include "hub/mqtt/broker_warnings.hpp"

namespace espial::mqtt {

std::vector<std::string> broker_warnings(const ClientOptions& options, const Connack& connack) {
  std::vector<std::string> warnings;
  const auto warn = [&warnings](std::string text) { warnings.push_back(std::move(text)); };
  if (connack.receive_maximum < kLeastReceiveMaximum) {
    warn(
        "the broker handles only " + std::to_string(connack.receive_maximum) +
        " unacknowledged messages at a time; such brokers often drop messages for subscribers that "
        "are slow or away (for Mosquitto set max_inflight_messages 0 and max_queued_messages 0)");
  }
  if (!connack.retain_available) {
    warn("the broker retains no messages: states will be missing after a restart");
  }
  if (connack.maximum_qos != Qos::kExactlyOnce) {
    warn("the broker has no QoS 2" +
         std::string(connack.maximum_qos == Qos::kAtMostOnce ? " and no QoS 1" : "") +
         ": messages of a higher QoS can't be published");
  }
  if (connack.session_expiry_s && *connack.session_expiry_s < options.session_expiry_s) {
    warn("the broker keeps our session for only " + std::to_string(*connack.session_expiry_s) +
         " s: what is published while we are away for longer is lost");
  }
  if (connack.max_packet_bytes > 0 && connack.max_packet_bytes < options.max_packet_bytes) {
    warn("the broker takes packets of at most " + std::to_string(connack.max_packet_bytes) +
         " bytes, we up to " + std::to_string(options.max_packet_bytes));
  }
  if (!connack.wildcard_available) {
    warn("the broker has no wildcard subscriptions: most topics will not be heard");
  }
  if (!connack.assigned_client_id.empty()) {
    warn("the broker gave us a client ID of its own: no session will survive a restart");
  }
  return warnings;
}

}  // namespace espial::mqtt
