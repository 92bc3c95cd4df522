#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/span.hpp"
#include "core/base/static_vector.hpp"
#include "core/base/time.hpp"
#include "core/node/application.hpp"
#include "core/node/conduct.hpp"
#include "core/node/part.hpp"
#include "core/port/crypto.hpp"
#include "core/port/settings.hpp"
#include "core/session/handshake.hpp"
#include "core/session/session.hpp"
#include "core/wire/command.hpp"
#include "core/wire/reading.hpp"
#include "core/wire/rooms.hpp"

namespace espial::node {

/// Bonds of a node: as many as one record of its settings holds.
inline constexpr std::size_t kBondRecordSize = 10 + kKeySize;
inline constexpr std::size_t kMaxBonds = (kMaxSettingSize - 2) / kBondRecordSize;
/// Commands to other nodes that wait, and how long each may: a press must not switch a lamp when
/// nobody expects it any more.
inline constexpr std::size_t kMaxPresses = 4;
inline constexpr Duration kPressLifetime = Duration::seconds(10);
/// The longest value of a command to another node.
inline constexpr std::size_t kMaxPressValue = 16;
/// How long another node's answer is waited for, doubling up to the limit.
inline constexpr Duration kPeerTimeout = Duration::milliseconds(40);
inline constexpr Duration kMaxPeerTimeout = Duration::milliseconds(640);
/// A session in which nothing new was said for so long is begun again before the next press: its
/// provider runs none that comes in one idle for kPressLifetime, for somebody may have held it
/// back.
inline constexpr Duration kPeerIdle = Duration::seconds(5);
/// Silences in a row after which a session with another node is taken for lost.
inline constexpr std::uint32_t kPeerTries = 4;
/// How often the coordinator is asked while it has not answered, and again while nobody offers what
/// is wanted; and how often whether a bond still holds.
inline constexpr Duration kBondAskAgain = Duration::seconds(5);
inline constexpr Duration kBondNobody = Duration::seconds(30);
inline constexpr Duration kBondConfirm = Duration::seconds(300);

/// What binds a slot of this node to one of another. Memory for a Rooms; who owns it may look.
struct Bond {
  bool used = false;
  bool bound = false;    ///< the coordinator has named the peer; otherwise it is only wished for
  bool here = false;     ///< the peer was heard in the present session
  bool leaving = false;  ///< ended by this node; the peer is still to be told
  wire::Role role = wire::Role::kSubscriber;  ///< of this node
  std::uint8_t slot = 0;
  std::uint8_t peer_slot = 0;
  std::uint8_t kind = 0;
  MacAddress peer;  ///< zeros in a wish for any

  // kept with the fields above
  Key key{};
  // of this start only
  session::Session session;
  std::uint32_t subscriber_life = 0;  ///< as the subscriber says, new at each of its starts
  std::uint32_t last_press = 0;       ///< subscriber: given out; provider: run, in that life
  Instant fresh_at;                   ///< when the session began or its last new press was run
  wire::Outcome last_outcome = wire::Outcome::kExecuted;
  bool answer_due = false;  ///< last_press is to be answered
  bool spoken = false;      ///< a press went in the present session
  std::uint32_t silences = 0;
  Instant ask_at = kNever;  ///< the coordinator

  /// Names the pair in its frames: the slots of subscriber and provider.
  std::uint8_t session_id() const;
};

/// How a command to another node ended.
enum class PressEnd : std::uint8_t {
  kExecuted,
  kRefused,
  kUnknown,  ///< the provider was reset after it was sent: it ran once or not at all
  kTooLate,  ///< nobody answered in kPressLifetime; if it was sent, it ran once or not at all
};

/// What a program hears of its rooms. Calls come from inside the node's functions.
class RoomsEvents {
 public:
  virtual ~RoomsEvents() = default;
  virtual void on_bound(Instant, const Bond&) {}
  /// The coordinator or the peer has ended it. `bond` is gone after the call.
  virtual void on_unbound(Instant, const Bond&) {}
  /// The peer answers, or no longer does.
  virtual void on_peer(Instant, const Bond&) {}
  virtual void on_press_ended(Instant, const Bond&, std::uint32_t, PressEnd) {}
};

/// Rooms: a slot of one node works a slot of another, with coordinator and broker dead.
///
///     wished --SUBSCRIBE/SUBACK--> bound --RESUME/RESUME_ACCEPT--> in session --command-->
///        by the coordinator          ^                                |      <--its end--
///                                    +---- silence, either's reset ---+
///
/// Both ends hold the bond and its key in their settings; sessions begin with fresh randoms at
/// every start of either, so that no counter is used twice with a key. A command is sent again
/// until its end is heard, and runs at most once: a provider knows the last one of each
/// subscriber as long as it runs, and says at the start of a session for how long that has been; a
/// subscriber does not send one again to a provider that was reset since. And it runs within twice
/// kPressLifetime or never, whoever holds frames back: in fresh sessions only.
///
/// While half the node's share of the air is used, what would have to be answered is not heard, and
/// a press waits; only the first press of a session is not stopped half way.
///
/// Full of bonds, a provider gives up one whose subscriber was not heard since the start.
class Rooms final : public Part {
 public:
  struct Ports {
    Crypto& crypto;
    Random& random;
    Settings& settings;
    Application& application;
    RoomsEvents& events;
    Conduct* conduct = nullptr;  ///< the node's, if it has a limit of airtime
  };

  /// @param now    the node's start
  /// @param bonds  at most kMaxBonds of them count; must outlive this.
  Rooms(Instant now, ServerId server, const MacAddress& own, const Ports& ports, Span<Bond> bonds);
  Rooms(const Rooms&) = delete;
  Rooms& operator=(const Rooms&) = delete;

  /// Wants `slot` bound to a slot of `kind`, of `provider` or, with zeros, of anybody's. Harmless
  /// when it is; to be said at every start.
  /// @retval false  there is no room for one more bond, or it can't be told.
  [[nodiscard]] bool bind(Instant now, std::uint8_t slot, std::uint8_t kind,
                          const MacAddress& provider = {});
  /// Sends `value`, of the kind that it is bound to, to every peer of `slot`. Call the node's
  /// on_timer() soon.
  /// @returns how many are told; bonds of which too many presses wait are not.
  std::size_t press(Instant now, std::uint8_t slot, ByteView value);
  /// Ends the bonds that `slot` has asked for. A peer in session is told, once; call the node's
  /// on_timer() soon.
  void unbind(Instant now, std::uint8_t slot);

  struct Counters {
    std::uint32_t sessions = 0;  ///< begun with peers, either way
    std::uint32_t sent = 0;      ///< commands sent, repeats included
    std::uint32_t run = 0;
    std::uint32_t repeated = 0;  ///< commands heard again: answered, not run
    std::uint32_t refused = 0;   ///< frames of no peer, damaged, replayed or forged
    std::uint32_t put_off = 0;   ///< frames not heard for want of air to answer them
  };
  const Counters& counters() const { return counters_; }
  Span<const Bond> bonds() const { return {bonds_.data(), bonds_.size()}; }

  void begin_session() override;
  void append_first(Instant now, const Around& around, wire::PacketsBuilder& packets) override;
  void failed(Instant now, std::uint32_t frame) override;
  /// Takes SUBACK.
  Taking on_packet(Instant now, const Around& around, wire::Packet& packet) override;
  void on_timer(Instant, const Around&) override {}
  Instant next_timer() const override { return kNever; }
  Instant send_at() const override;
  bool moves() const override { return !presses_.empty(); }
  bool on_frame(Instant now, const ReceivedFrame& frame) override;
  Instant frame_at() const override;
  PartFrame next_frame(Instant now, MutableByteView room) override;

 private:
  struct Press {
    std::uint8_t bond = 0;
    std::uint8_t size = 0;
    std::uint32_t id = 0;
    Instant sent_at = kNever;  ///< for the first time
    Instant due_at;
    Instant until;
    std::array<std::uint8_t, kMaxPressValue> value{};
  };

  // rooms_bonds.cpp: with the coordinator
  void load();
  bool save();
  Bond* find(const MacAddress& peer, wire::Role role, std::uint8_t session);
  void on_suback(Instant now, const wire::Suback& suback);
  Bond* place_for(Instant now, const wire::Suback& suback);
  void end_bond(Instant now, Bond& bond);
  std::uint8_t index_of(const Bond& bond) const;

  // rooms.cpp: with peers
  session::Credentials credentials_of(const Bond& bond) const;
  void on_auth(Instant now, const ReceivedFrame& frame, const wire::AuthFrame& auth);
  bool on_sealed(Instant now, const ReceivedFrame& frame, const wire::SealedHeader& header);
  void on_opened(Instant now, Bond& bond, ByteView plaintext);
  void on_command(Instant now, Bond& bond, const wire::Command& command);
  void on_end(Instant now, Bond& bond, const wire::CommandEnd& end);
  Press* first_press(const Bond& bond);
  void end_late_presses(Instant now);
  void end_press(Instant now, Press& press, PressEnd how);
  void in_session(Instant now, Bond& bond, const session::Session& session, Instant since);
  void set_here(Instant now, Bond& bond, bool here);
  Instant free_at() const;
  Instant press_at(const Bond& bond, const Press& press) const;
  PartFrame due_frame(Instant now, MutableByteView room);
  PartFrame leave_frame(Instant now, Bond& bond, MutableByteView room);
  PartFrame accept_frame(Instant now, MutableByteView room);
  PartFrame press_frame(Instant now, Bond& bond, Press& press, MutableByteView room);
  PartFrame sealed_frame(Bond& bond, ByteView packets, MutableByteView room);

  Instant started_at_;
  ServerId server_;
  MacAddress own_;
  Ports ports_;
  Span<Bond> bonds_;
  std::uint32_t life_ = 0;        ///< drawn at this start
  std::uint32_t last_press_ = 0;  ///< given out in it: a bond that is made anew counts on
  StaticVector<Press, kMaxPresses> presses_;
  // One handshake at a time either way: a bond that loses its turn asks again.
  session::ResumeInitiator initiator_;
  std::uint8_t asking_ = 0;  ///< the bond it is for
  session::ResumeResponder responder_;
  std::uint8_t answering_ = 0;
  bool accept_due_ = false;
  std::uint32_t asker_life_ = 0;
  session::Session pending_;  ///< accepted, nothing was opened with it yet
  std::uint8_t pending_bond_ = 0;
  std::uint32_t pending_life_ = 0;
  Instant pending_since_;
  Counters counters_;
};

}  // namespace espial::node
