#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/features/alarms/alarm_record.hpp"
#include "hub/features/alarms/alarm_rule.hpp"
#include "hub/http/webhook.hpp"
#include "hub/mqtt/client.hpp"
#include "station/live_state.hpp"

namespace espial::alarms {

inline constexpr std::size_t kMaxRules = 1'000;

inline constexpr std::int64_t kMaxSilence_s = 366 * 86'400;

/// An alarm as it stands.
struct AlarmView {
  Rule rule;
  AlarmRecord record;
  std::optional<double> value;  ///< the newest
};

/// What became of what somebody said to an alarm.
enum class [[nodiscard]] Heard : std::uint8_t{
    kDone,
    kUnknown,    ///< there is no such alarm
    kNotRaised,  ///< there is nothing to acknowledge, or another alarm than the one that was meant
    kNotKept,    ///< the store takes no more now: nothing has changed
};

/// Watches values for the rules that people made, and tells of each alarm that is raised,
/// acknowledged or over: on the retained topic `espial/<site>/alarm/<name>` (protocol/mqtt.md), to
/// the rule's webhook, and to the page. While it is silenced, only to the page; what came meanwhile
/// and still stands is told when the silence ends. One thread.
class Alarms final : public station::Observer {
 public:
  /// All of it outlives this object.
  struct Ports {
    station::LiveState& live;
    std::function<mqtt::PublishError(const mqtt::Message&)> publish;
    std::function<void()> on_change;  ///< some alarm or rule is another now
    std::function<Instant()> now;
    std::function<UnixTime()> unix_now;
    /// Keeps the record of the alarm of that name, empty: forgets it; calls `on_kept`, if given,
    /// once that is on disk. False when it can't.
    std::function<bool(const std::string& name, const std::string& record,
                       std::function<void()> on_kept)>
        keep;
    /// Whose certificates webhooks over TLS may show; empty: this machine's authorities'.
    std::string webhook_ca{};
  };

  Alarms(std::string site, Ports ports);
  ~Alarms() override;

  /// Takes up a rule that an earlier run has kept, and how its alarm stood.
  void restore(const Rule& rule, const AlarmRecord& record);
  /// Adds or replaces a rule; one that is silenced stays so. False when there are kMaxRules.
  [[nodiscard]] bool put(const Rule& rule);
  /// False when the function that the rule names is known and has no such field. True for what is
  /// not known yet: a rule may come before its module.
  bool is_possible(const Rule& rule) const;
  void remove(std::string_view name);
  /// Rules for `from` are `to`'s from now on. @returns those that changed.
  std::vector<Rule> replace_device(const MacAddress& from, const MacAddress& to);
  /// Removes the rules for `mac`. @returns their names.
  std::vector<std::string> remove_device(const MacAddress& mac);

  /// Somebody has seen the alarm that is raised, since `meant` if that is known, and takes care of
  /// it. Only the first is kept.
  Heard acknowledge(std::string_view name, const std::string& by, UnixTime meant,
                    std::function<void()> on_kept);
  /// Nothing is told of the alarm for so long; without a time until `unsilence`.
  Heard silence(std::string_view name, const std::string& by, std::optional<Duration> time,
                std::function<void()> on_kept);
  Heard unsilence(std::string_view name, std::function<void()> on_kept);

  /// To be called about once a second.
  void tick();
  /// The broker may not know: says again how every alarm stands.
  void on_connected();

  std::vector<AlarmView> all() const;
  std::uint64_t not_published() const { return not_published_; }
  std::uint64_t not_kept() const { return not_kept_; }
  http::WebhookCounters hooks() const { return hooks_.counters(); }

 private:
  struct Entry {
    Rule rule;
    AlarmState state;
    AlarmRecord record;
  };

  void on_change(const station::Change& change) override;
  std::optional<double> value_of(const Rule& rule) const;
  void turn(Entry& entry, AlarmState::Change change);
  Heard keep(Entry& entry, const AlarmRecord& record, std::function<void()> on_kept);
  void tell(const Entry& entry, bool at_webhook);
  std::string body_of(const Entry& entry) const;
  void publish(const std::string& name, std::string_view body);

  std::string site_;
  Ports ports_;
  std::map<std::string, Entry, std::less<>> entries_;
  http::Webhook hooks_;
  std::uint64_t not_published_ = 0;
  std::uint64_t not_kept_ = 0;
  bool observing_ = false;
};

}  // namespace espial::alarms
