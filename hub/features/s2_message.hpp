#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/mac_address.hpp"

/// The texts that boards and server exchange in the session protocol over plain MQTT ("S2").
///
///     state/join            <MAC>                     a new session, please
///                           <name>;<session>          the session given begins
///     state/nameAssign      <MAC>;<name>;<session>    server to board
///     state/leave           <name>;<session>
///     led/command           <name>;<session>;<1|0>    server to board
///     led/status            <name>;<session>;<1|0>
///     button/status         <name>;<session>;<1|0>
///     photoresistor/status  <name>;<session>;<0-100>
///
/// A name has 1..29 characters, a session 1..17; neither has a ';', so every other ';' is an error.
namespace espial::s2 {

inline constexpr std::size_t kMaxName = 29;
inline constexpr std::size_t kMaxSession = 17;

/// Why a text is not a message. Each is counted under its own name.
enum class Refusal : std::uint8_t {
  kTooLong,     ///< longer than any message of its topic can be
  kParts,       ///< too few or too many parts between ';'
  kNoName,      ///< empty name
  kLongName,    ///< a name of 30 characters or more
  kSession,     ///< empty session, or one of 18 characters or more
  kMac,         ///< a single part that is not a MAC address
  kValue,       ///< not a number of the topic's range, written plainly
  kWrongTopic,  ///< a topic that no board publishes on
};
inline constexpr std::size_t kRefusalCount = 8;

/// A few words for the log and for counters: "value out of range".
std::string_view to_text(Refusal refusal);

/// What a board's messages but its first are signed with. Views into the payload.
struct Credentials {
  std::string_view name;
  std::string_view session;
};
struct JoinRequest {
  MacAddress mac;
  /// As the board spelled it: it compares the answer's text with its own.
  std::string_view mac_text;
};
struct SessionBegin {
  Credentials credentials;
};
struct Leave {
  Credentials credentials;
};
enum class Sensor : std::uint8_t { kLed, kButton, kPhotoresistor };
struct Status {
  Credentials credentials;
  Sensor sensor{};
  std::uint8_t value = 0;
};

using Message = std::variant<JoinRequest, SessionBegin, Leave, Status>;

/// Reads what came on one of the five topics that boards publish on.
std::variant<Message, Refusal> parse(std::string_view topic, std::string_view payload);

std::string name_assign(std::string_view mac_text, std::string_view name, std::string_view session);
std::string led_command(std::string_view name, std::string_view session, bool on);

/// The collection of `store::Documents` for what boards were called; a document's name is the
/// board's MAC.
inline constexpr std::string_view kNameCollection = "s2.names";
/// Names that a board may still go by, the oldest first, in a session: in any other they mean
/// nothing.
struct FormerNames {
  std::string session;
  std::vector<std::string> names;
};
/// Reads a document, `<session>;<name>;<name>...`; nothing where a part is none.
std::optional<FormerNames> parse_former_names(std::string_view document);
std::string to_document(const FormerNames& former);

/// Draws session ids: seconds since 1970 with six decimals, each later than the one before.
class SessionClock {
 public:
  /// 17 characters, "1743946777.603371".
  std::string next(std::int64_t unix_time_us);
  /// Ids drawn from now on are later than `session`, where that is one of ours.
  void not_before(std::string_view session);

 private:
  std::int64_t last_us_ = 0;
};

}  // namespace espial::s2
