#include "hub/features/s2_message.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace espial::s2 {
namespace {

constexpr std::size_t kMaxPayload = kMaxName + 1 + kMaxSession + 1 + 3;
constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;

/// Splits into at most three parts; a count of 4 says that there are more.
struct Parts {
  std::array<std::string_view, 3> part;
  std::size_t count = 0;
};

Parts split(std::string_view text) {
  Parts parts;
  for (;;) {
    const std::size_t end = text.find(';');
    if (parts.count < parts.part.size()) parts.part[parts.count] = text.substr(0, end);
    ++parts.count;
    if (end == std::string_view::npos || parts.count > parts.part.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<Refusal> check(const Credentials& credentials) {
  if (credentials.name.empty()) return Refusal::kNoName;
  if (credentials.name.size() > kMaxName) return Refusal::kLongName;
  if (credentials.session.empty() || credentials.session.size() > kMaxSession) {
    return Refusal::kSession;
  }
  return std::nullopt;
}

/// Digits only, no sign, no leading zero: what a board prints with %d.
std::optional<std::uint8_t> parse_value(std::string_view text, std::uint8_t maximum) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  std::uint8_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > maximum) {
    return std::nullopt;
  }
  return value;
}

std::variant<Message, Refusal> parse_join(std::string_view payload) {
  const Parts parts = split(payload);
  if (parts.count == 1) {
    const auto mac = parse_mac(payload);
    if (!mac) return Refusal::kMac;
    return JoinRequest{*mac, payload};
  }
  if (parts.count != 2) return Refusal::kParts;
  const Credentials credentials{parts.part[0], parts.part[1]};
  if (const auto refusal = check(credentials)) return *refusal;
  return SessionBegin{credentials};
}

std::variant<Message, Refusal> parse_leave(std::string_view payload) {
  const Parts parts = split(payload);
  if (parts.count != 2) return Refusal::kParts;
  const Credentials credentials{parts.part[0], parts.part[1]};
  if (const auto refusal = check(credentials)) return *refusal;
  return Leave{credentials};
}

std::variant<Message, Refusal> parse_status(Sensor sensor, std::string_view payload) {
  const Parts parts = split(payload);
  if (parts.count != 3) return Refusal::kParts;
  const Credentials credentials{parts.part[0], parts.part[1]};
  if (const auto refusal = check(credentials)) return *refusal;
  const auto value = parse_value(parts.part[2], sensor == Sensor::kPhotoresistor ? 100 : 1);
  if (!value) return Refusal::kValue;
  return Status{credentials, sensor, *value};
}

}  // namespace

std::string_view to_text(Refusal refusal) {
  switch (refusal) {
    case Refusal::kTooLong:
      return "too long";
    case Refusal::kParts:
      return "wrong number of parts between ';'";
    case Refusal::kNoName:
      return "no name";
    case Refusal::kLongName:
      return "name of more than 29 characters";
    case Refusal::kSession:
      return "session id empty or of more than 17 characters";
    case Refusal::kMac:
      return "not a MAC address";
    case Refusal::kValue:
      return "value out of range";
    case Refusal::kWrongTopic:
      return "topic that no board publishes on";
  }
  return "unknown";
}

std::variant<Message, Refusal> parse(std::string_view topic, std::string_view payload) {
  if (payload.size() > kMaxPayload) {
    // The one refusal worth a closer look: most often a name that is too long.
    return payload.find(';') > kMaxName && payload.find(';') != std::string_view::npos
               ? Refusal::kLongName
               : Refusal::kTooLong;
  }
  if (topic == "photoresistor/status") return parse_status(Sensor::kPhotoresistor, payload);
  if (topic == "button/status") return parse_status(Sensor::kButton, payload);
  if (topic == "led/status") return parse_status(Sensor::kLed, payload);
  if (topic == "state/join") return parse_join(payload);
  if (topic == "state/leave") return parse_leave(payload);
  return Refusal::kWrongTopic;
}

std::string name_assign(std::string_view mac_text, std::string_view name,
                        std::string_view session) {
  return std::string(mac_text).append(";").append(name).append(";").append(session);
}

std::string led_command(std::string_view name, std::string_view session, bool on) {
  return std::string(name).append(";").append(session).append(on ? ";1" : ";0");
}

std::optional<FormerNames> parse_former_names(std::string_view document) {
  FormerNames former;
  for (std::size_t begin = 0; begin <= document.size();) {
    const std::size_t end = std::min(document.find(';', begin), document.size());
    const std::string_view part = document.substr(begin, end - begin);
    const bool first = begin == 0;
    if (part.empty() || part.size() > (first ? kMaxSession : kMaxName)) return std::nullopt;
    if (first) {
      former.session = part;
    } else {
      former.names.emplace_back(part);
    }
    begin = end + 1;
  }
  return former;
}

std::string to_document(const FormerNames& former) {
  std::string text = former.session;
  for (const std::string& name : former.names) text.append(";").append(name);
  return text;
}

std::string SessionClock::next(std::int64_t unix_time_us) {
  last_us_ = std::max(last_us_ + 1, unix_time_us);
  char text[kMaxSession + 8];
  const int size = std::snprintf(text, sizeof text, "%lld.%06lld",
                                 static_cast<long long>(last_us_ / kMicrosecondsPerSecond),
                                 static_cast<long long>(last_us_ % kMicrosecondsPerSecond));
  return {text, std::min(static_cast<std::size_t>(size), kMaxSession)};
}

void SessionClock::not_before(std::string_view session) {
  const std::size_t dot = session.find('.');
  if (dot == std::string_view::npos || session.size() - dot != 7) return;
  std::int64_t seconds = 0;
  std::int64_t microseconds = 0;
  const char* const middle = session.data() + dot;
  const char* const end = session.data() + session.size();
  if (std::from_chars(session.data(), middle, seconds).ptr != middle) return;
  if (std::from_chars(middle + 1, end, microseconds).ptr != end) return;
  if (seconds < 0 || seconds > 9'999'999'999 || microseconds < 0) return;
  last_us_ = std::max(last_us_, seconds * kMicrosecondsPerSecond + microseconds);
}

}  // namespace espial::s2
