#include "hub/mqtt/subscriptions.hpp"

#include <algorithm>

#include "hub/mqtt/encode.hpp"
#include "hub/mqtt/outbox.hpp"
#include "hub/mqtt/topic.hpp"

namespace espial::mqtt {
namespace {

constexpr std::uint8_t kRetainedIfNew = 1;

}  // namespace

bool Subscriptions::add(const Subscription& subscription) {
  if (!valid_filter(subscription.filter)) return false;
  auto entry = std::find_if(entries_.begin(), entries_.end(),
                            [&](const Entry& e) { return e.filter == subscription.filter; });
  if (entry == entries_.end()) entry = entries_.emplace(entries_.end());
  entry->filter = subscription.filter;
  entry->how = subscription;
  entry->how.filter = {};
  entry->stage = Stage::kWanted;
  entry->packet_id = 0;
  entry->renewing = false;
  return true;
}

void Subscriptions::remove(std::string_view filter) {
  for (Entry& entry : entries_) {
    if (entry.filter == filter) {
      entry.stage = Stage::kUnwanted;
      entry.packet_id = 0;
      return;
    }
  }
  // Perhaps one of a former life of this client: the broker may still have it.
  if (!valid_filter(filter)) return;
  entries_.push_back({.filter = std::string(filter), .how = {}, .stage = Stage::kUnwanted});
}

void Subscriptions::connection_up(bool session_present) {
  if (session_present) {
    for (Entry& entry : entries_) {
      if (entry.stage != Stage::kConfirmed) continue;
      entry.stage = Stage::kWanted;
      entry.renewing = true;
    }
    return;
  }
  std::erase_if(entries_, [](const Entry& entry) {
    return entry.stage == Stage::kUnwanted || entry.stage == Stage::kLeaving;
  });
  for (Entry& entry : entries_) {
    entry.stage = Stage::kWanted;
    entry.renewing = false;
  }
}

void Subscriptions::connection_lost() {
  for (Entry& entry : entries_) {
    entry.packet_id = 0;
    if (entry.stage == Stage::kAsked || entry.stage == Stage::kRefused) {
      entry.stage = Stage::kWanted;
    }
    if (entry.stage == Stage::kLeaving) entry.stage = Stage::kUnwanted;
  }
}

void Subscriptions::send(std::vector<std::uint8_t>& output) {
  std::vector<Subscription> wanted;
  std::vector<std::string_view> unwanted;
  const auto end_batch = [&] {
    if (!wanted.empty()) encode_subscribe(last_packet_id_, wanted, output);
    if (!unwanted.empty()) encode_unsubscribe(last_packet_id_, unwanted, output);
    wanted.clear();
    unwanted.clear();
  };
  for (const Stage stage : {Stage::kUnwanted, Stage::kWanted}) {
    for (Entry& entry : entries_) {
      if (entry.stage != stage) continue;
      if (wanted.empty() && unwanted.empty()) next_packet_id();
      entry.packet_id = last_packet_id_;
      if (stage == Stage::kWanted) {
        entry.stage = Stage::kAsked;
        entry.position = wanted.size();
        wanted.push_back(entry.how);
        wanted.back().filter = entry.filter;
        if (entry.renewing && wanted.back().retain_handling == 0) {
          wanted.back().retain_handling = kRetainedIfNew;
        }
      } else {
        entry.stage = Stage::kLeaving;
        unwanted.push_back(entry.filter);
      }
      if (wanted.size() + unwanted.size() >= kFiltersPerRequest) end_batch();
    }
    end_batch();
  }
}

bool Subscriptions::on_ack(const SubscribeAck& ack, const Answer& answer) {
  if (ack.type == PacketType::kUnsuback) {
    return std::erase_if(entries_, [&](const Entry& entry) {
             return entry.stage == Stage::kLeaving && entry.packet_id == ack.packet_id;
           }) > 0;
  }
  // An answer may add subscriptions, which moves the entries: collect before telling.
  struct Told {
    std::string filter;
    Qos asked;
    Reason reason;
  };
  std::vector<Told> told;
  bool known = false;
  for (Entry& entry : entries_) {
    if (entry.stage != Stage::kAsked || entry.packet_id != ack.packet_id) continue;
    // A broker that leaves out answers has not granted them.
    const auto reason = entry.position < ack.reasons.size()
                            ? static_cast<Reason>(ack.reasons[entry.position])
                            : Reason::kUnspecifiedError;
    entry.stage = is_failure(reason) ? Stage::kRefused : Stage::kConfirmed;
    entry.packet_id = 0;
    known = true;
    const bool renewed = entry.renewing && !is_failure(reason);
    if (!renewed) told.push_back({entry.filter, entry.how.qos, reason});
    entry.renewing = false;
  }
  for (const Told& one : told) answer(one.filter, one.asked, one.reason);
  return known;
}

void Subscriptions::next_packet_id() {
  constexpr std::uint16_t kFirst = Outbox::kPacketIds + 1;
  last_packet_id_ = last_packet_id_ < kFirst || last_packet_id_ == 0xFFFF
                        ? kFirst
                        : static_cast<std::uint16_t>(last_packet_id_ + 1);
}

}  // namespace espial::mqtt
