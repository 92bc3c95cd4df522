#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"
#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/port/crypto.hpp"
#include "core/session/replay_window.hpp"
#include "core/wire/sealed.hpp"

namespace espial::session {

/// Which end of a session this is: a node seals with the uplink key and opens with the downlink's.
enum class Side : std::uint8_t { kNode = 0, kCoordinator = 1 };

/// The header's LISTENING: whether the sender's own receiver stays on after this frame. On the way
/// down the same bit is ANSWERS: something of the receiver was opened shortly before.
enum class Listening : std::uint8_t { kNo = 0, kYes = 1 };

/// Both keys of a session, as a handshake leaves them.
struct SessionKeys {
  Key uplink{};
  Key downlink{};
};

enum class SealStatus : std::uint8_t {
  kOk,
  /// The next counter was not reserved: advance the stored limit first, then reserve().
  kCounterNotReserved,
  /// Less than one inner packet, or the body would be longer than a frame may be or than `out`.
  kBadSize,
};

struct Sealed {
  SealStatus status = SealStatus::kBadSize;
  /// The SEALED packet, in `out`.
  ByteView body;
  std::uint64_t counter = 0;
};

/// Why a frame was not opened, in the order of the checks. Each is counted apart.
enum class OpenStatus : std::uint8_t {
  kOk,
  kTooShort,      ///< shorter than an empty envelope, or its length is not the body's
  kTooLong,       ///< its plaintext does not fit `out`
  kWrongSession,  ///< not SEALED, or of another network, session or direction
  kTooOld,        ///< kReplayWindowSize or more behind the highest accepted
  kReplayed,      ///< that counter was accepted before
  kNotAuthentic,  ///< the tag is wrong
};

struct Opened {
  OpenStatus status = OpenStatus::kTooShort;
  /// The inner packets, in `out`; empty unless kOk.
  ByteView plaintext;
  /// The sender's receiver stays on.
  bool listening = false;
  /// A gateway says that more is waiting. No tag covers it: it is a hint.
  bool more = false;
  /// A frame that was sealed after it has been opened before it.
  bool overtaken = false;
  std::uint64_t counter = 0;
};

/// One session between a node and its coordinator: two keys, two counters, one receive window.
///
///     SEALED
///      0    1    2       3        4    5  6 ...         n-16
///     |5f  |len |server |session |counter |ciphertext   |tag[16]|
///     (in the long form of len everything after byte 1 moves by two)
///
/// A counter is used only below a limit that the owner has stored before: after a reset it goes on
/// from that limit, so no counter is ever used twice with a key.
///
///     owner stores n + block ──> reserve(n + block) ──> seal() ... seal() ──> kCounterNotReserved
///
/// A value type of fixed size: it may be copied into a table, but only one copy may seal.
class Session {
 public:
  static constexpr std::size_t kStateSize = 224;
  using State = std::array<std::uint8_t, kStateSize>;

  /// No session: seals nothing and opens nothing.
  Session() = default;
  /// A new session. Nothing is reserved yet. Between two nodes of a room the subscriber has the
  /// node's side, the provider the coordinator's, and frames have PEER set.
  Session(Side side, ServerId server, std::uint8_t session_id, const SessionKeys& keys,
          bool between_peers = false);

  bool valid() const { return server_.value != 0; }
  Side side() const { return side_; }
  ServerId server() const { return server_; }
  std::uint8_t id() const { return id_; }

  /// Seals `plaintext` into `out`, which may hold it already, anywhere.
  /// `out` needs wire::sealed_size(plaintext.size()) bytes.
  [[nodiscard]] Sealed seal(Crypto& crypto, Listening listening, ByteView plaintext,
                            MutableByteView out);

  /// Opens a whole frame body into `out`, which must not overlap it and never needs to be longer
  /// than it. The window moves only for an authentic frame.
  [[nodiscard]] Opened open(Crypto& crypto, ByteView body, MutableByteView out);

  /// Opens a whole frame body where it stands; Opened::plaintext lies within it. A body that is not
  /// authentic may be overwritten too.
  [[nodiscard]] Opened open_in_place(Crypto& crypto, MutableByteView body);

  /// The counter that the next seal() takes.
  std::uint64_t next_counter() const { return next_counter_; }
  /// Counters before this one may be used.
  std::uint64_t reserved_until() const { return reserved_until_; }
  /// Allows counters before `limit`, which the owner has stored already. Never lowers the limit;
  /// does nothing for an invalid session.
  void reserve(std::uint64_t limit);
  /// Gives back what was reserved and not used, for an owner about to save(): a sleeper need not
  /// lose the rest of its block.
  void release_reserved() { reserved_until_ = next_counter_; }

  const ReplayWindow& receive_window() const { return window_; }
  /// Receives as if everything up to `highest` had been accepted: for a coordinator that stores
  /// only the highest counter it has committed.
  void restart_receive_after(std::uint64_t highest) { window_.restart_after(highest); }

  /// All of it, for retained memory or, wrapped (key_wrap.hpp), for a database. It holds the keys.
  State save(Crypto& crypto) const;
  /// A saved session goes on at the limit that was reserved when it was saved.
  /// @returns nothing when the bytes are not what save() made: another version, or damaged.
  static std::optional<Session> load(Crypto& crypto, ByteView state);

  /// A node's session in fewer bytes, for retained memory: no check of its own, no limit, and of
  /// the window only ReplayWindow::kRecent counters.
  ///
  ///      0  1           8 9     40 41      72 73      88
  ///     |id|next counter |uplink  |downlink  |recent    |
  static constexpr std::size_t kRetainedSize = 1 + 8 + 2 * kKeySize + ReplayWindow::kRecentSize;
  void retain(ByteWriter& out) const;
  /// Reads kRetainedSize bytes that retain() wrote and something else has checked. Nothing is
  /// reserved yet.
  static Session from_retained(ServerId server, ByteReader& in);

  /// Forgets the keys; the session is no longer valid().
  void wipe(Crypto& crypto);

 private:
  /// Every check but the tag's. With kOk the frame's ciphertext is `frame.sealed`.
  Opened examine(const wire::SealedFrame& frame) const;
  void finish(Crypto& crypto, const wire::SealedFrame& frame, std::uint8_t* out, Opened& opened);

  Side side_ = Side::kNode;
  ServerId server_;
  std::uint8_t id_ = 0;
  bool between_peers_ = false;
  SessionKeys keys_;
  std::uint64_t next_counter_ = 0;
  std::uint64_t reserved_until_ = 0;
  ReplayWindow window_;
};

}  // namespace espial::session
