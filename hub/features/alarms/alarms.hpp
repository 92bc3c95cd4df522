#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/features/alarms/alarm_rule.hpp"
#include "hub/http/webhook.hpp"
#include "hub/mqtt/client.hpp"
#include "station/live_state.hpp"

namespace espial::alarms {

inline constexpr std::size_t kMaxRules = 1'000;

/// An alarm as it stands.
struct AlarmView {
  Rule rule;
  bool raised = false;
  UnixTime since{};
  std::optional<double> value;  ///< the newest
};

/// Watches values for the rules that people made, and tells of each alarm that is raised or over:
/// on the retained topic `espial/<site>/alarm/<name>` (protocol/mqtt.md), to the rule's webhook,
/// and to the page. An alarm that stands at a restart is raised again after its hold time. One
/// thread.
class Alarms final : public station::Observer {
 public:
  /// All of it outlives this object.
  struct Ports {
    station::LiveState& live;
    std::function<mqtt::PublishError(const mqtt::Message&)> publish;
    std::function<void()> on_change;  ///< some alarm was raised or is over
    std::function<Instant()> now;
    std::function<UnixTime()> unix_now;
    /// Whose certificates webhooks over TLS may show; empty: this machine's authorities'.
    std::string webhook_ca{};
  };

  Alarms(std::string site, Ports ports);
  ~Alarms() override;

  /// Adds or replaces a rule. False when there are kMaxRules.
  [[nodiscard]] bool put(const Rule& rule);
  void remove(std::string_view name);
  /// Rules for `from` are `to`'s from now on. @returns those that changed.
  std::vector<Rule> replace_device(const MacAddress& from, const MacAddress& to);
  /// Removes the rules for `mac`. @returns their names.
  std::vector<std::string> remove_device(const MacAddress& mac);

  /// To be called about once a second.
  void tick();
  /// The broker may not know: says again how every alarm stands.
  void on_connected();

  std::vector<AlarmView> all() const;
  std::uint64_t not_published() const { return not_published_; }
  http::WebhookCounters hooks() const { return hooks_.counters(); }

 private:
  struct Entry {
    Rule rule;
    AlarmState state;
    UnixTime since{};
  };

  void on_change(const station::Change& change) override;
  std::optional<double> value_of(const Rule& rule) const;
  void told(Entry& entry, AlarmState::Change change);
  std::string body_of(const Entry& entry) const;
  void publish(const std::string& name, std::string_view body);

  std::string site_;
  Ports ports_;
  std::map<std::string, Entry, std::less<>> entries_;
  http::Webhook hooks_;
  std::uint64_t not_published_ = 0;
  bool observing_ = false;
};

}  // namespace espial::alarms
