#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/wire/refusal.hpp"

/// S0, the older protocol of an ESP32 server and its ESP8266 modules (air.md section 9): four C
/// structs, told apart by their first byte and their exact length. Nothing in it is secured,
/// numbered or acknowledged.
namespace espial::s0 {

enum class MessageType : std::uint8_t {
  kPairing = 0,
  kData = 1,
  kSetPoints = 2,
  kPing = 3,
  kReset = 4,
};

inline constexpr std::size_t kPairingSize = 46;
inline constexpr std::size_t kValuesSize = 36;
inline constexpr std::size_t kPingSize = 8;
inline constexpr std::size_t kResetSize = 2;
inline constexpr std::size_t kMaxMessageSize = kPairingSize;

/// True for a body whose first byte has the high nibble 0: S0's, or nobody's.
constexpr bool claims(ByteView body) { return !body.empty() && body[0] < 0x10; }
/// The message that `body` is by its first byte and exact length, without a look at the rest:
/// enough to route by.
std::optional<MessageType> peek_type(ByteView body);

/// The number of a function, or of a type, that stands for none.
inline constexpr std::uint8_t kUnused = 255;

/// What a module does in one of its slots, as the server's configuration has it.
struct Function {
  std::uint8_t id = kUnused;       ///< the configuration's own number
  std::uint8_t type = kUnused;     ///< see s0_function.hpp
  std::uint8_t control = kUnused;  ///< "CtrlID": the server's own use

  bool used() const { return id != kUnused || type != kUnused; }
  friend bool operator==(const Function& a, const Function& b) {
    return a.id == b.id && a.type == b.type && a.control == b.control;
  }
};
using Functions = std::array<Function, kSlotCount>;

/// PAIRING, 46 bytes: a module's search, broadcast; the server's answer, to the module.
///
///     0    1       2      3    8 9        10     21 22      33 34      45
///    |00  |server |id    |MAC   |channel |ids[12]  |types[12] |control[12]|
struct Pairing {
  ServerId server;      ///< the network that is asked for, or answers; 1..255
  std::uint8_t id = 0;  ///< the module's in a search, the server's in an answer
  /// The module's own in a search; in an answer where to send: the server's softAP's.
  MacAddress address;
  Channel channel;  ///< as it is told: not checked
  /// What the module shall do. Of no meaning in a search.
  Functions functions{};
};

inline constexpr std::size_t kIntegerCount = 5;
inline constexpr std::size_t kFloatCount = 5;
inline constexpr std::size_t kSensorSize = 8;

/// DATA up, SETPOINTS down, 36 bytes: the values of one function.
///
///     0    1         2     3   7  8        27 28       35
///    |0m  |function |type |U1..U5|F1..F5 (f32)|sensor ROM |     m  1 DATA, 2 SETPOINTS
struct Values {
  bool set_points = false;
  std::uint8_t function = kUnused;                 ///< Function::id
  std::uint8_t type = kUnused;                     ///< Function::type
  std::array<std::uint8_t, kIntegerCount> u{};     ///< U1..U5
  std::array<float, kFloatCount> f{};              ///< F1..F5; anything a float can be
  std::array<std::uint8_t, kSensorSize> sensor{};  ///< 1-Wire address; zeros where there is none
};

/// PING, 8 bytes, both ways: whoever hears one sends it back.
///
///     0    1  3   4       7
///    |03  |(any) |number   |
struct Ping {
  std::int32_t number = 0;
};

/// RESET, 2 bytes, down: the module starts again if this is its server.
///
///     0    1
///    |04  |server |
struct Reset {
  ServerId server;
};

/// Each reads the message that fills `body` exactly.
///
/// @retval kTooShort   it ends before its picture does
/// @retval kNotOurs    another message
/// @retval kBadLength  it is longer than its picture
/// @retval kBadValue   server 0
wire::Parsed<Pairing> parse_pairing(ByteView body);
wire::Parsed<Values> parse_values(ByteView body);
wire::Parsed<Ping> parse_ping(ByteView body);
wire::Parsed<Reset> parse_reset(ByteView body);

/// Each writes a whole body; padding is zeros. @returns its size, or 0 when `out` is too small or a
/// server is 0.
std::size_t encode(const Pairing& message, MutableByteView out);
std::size_t encode(const Values& message, MutableByteView out);
std::size_t encode(const Ping& message, MutableByteView out);
std::size_t encode(const Reset& message, MutableByteView out);

}  // namespace espial::s0
