#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>

#include "core/node/rooms.hpp"
#include "core/wire/session_packets.hpp"
#include "sim/network/room_press.hpp"
#include "sim/network/scene.hpp"
#include "sim/splitmix.hpp"

namespace espial::sim {

/// What a board is in the rooms: a lamp, or a button that works one.
struct RoomSettings {
  bool lamp = false;
  /// The board whose lamp the button works; nothing: whoever offers one.
  std::optional<std::uint32_t> works;
  std::uint64_t seed = 1;
  /// From one press to the next, in the mean; zero: only when told to.
  Duration press_interval = Duration::seconds(20);
  /// So many of 1000 times the button leaves its lamp instead of pressing, and binds anew.
  std::uint32_t leave_permille = 0;
};

/// The program of a board that is a button or a lamp: says to whom it wants to be bound, and
/// presses. It outlives the board's resets; the node's part in it does not.
class RoomProgram final : private node::RoomsEvents {
 public:
  RoomProgram(Scene& scene, std::uint32_t board, const RoomSettings& settings);

  /// The slot that it is described by.
  wire::Function function() const;
  struct Ports {
    Crypto& crypto;
    Random& random;
    Settings& settings;
    node::Application& application;
    node::Conduct& conduct;
  };
  /// The board starts: what was under way is nobody's any more.
  /// @returns what the node is to be given; valid until end().
  node::Part& begin(Instant local_now, const MacAddress& own, const Ports& ports);
  /// The board does not run any more.
  void end();

  /// It is pressed again and again from now on, or no longer.
  void set_pressing(bool pressing);
  /// Presses when that is due. The node's timers are to be looked at afterwards.
  void act(Instant local_now);
  Instant next_press() const { return next_press_; }
  /// The lamp does what it is told.
  void execute(ByteView value, bool online);

  /// What a lamp did not hear for want of air to answer it.
  std::uint64_t put_off() const;
  /// Presses that have not ended.
  std::size_t pending() const { return number_of_.size(); }
  /// How the newest press ended; nothing while it has not.
  std::optional<node::PressEnd> last_end() const { return last_end_; }
  /// When the button was told last that its lamp did as it said.
  std::optional<Instant> executed_at() const { return executed_at_; }
  const RoomSettings& settings() const { return settings_; }
  /// The board whose lamp the button works now.
  std::optional<std::uint32_t> lamp() const;

 private:
  void on_unbound(Instant now, const node::Bond& bond) override;
  void on_press_ended(Instant now, const node::Bond& bond, std::uint32_t id,
                      node::PressEnd how) override;

  bool bound() const { return bond() != nullptr; }
  const node::Bond* bond() const;
  void bind(Instant local_now);
  void press(Instant local_now);
  void draw_next_press();

  Scene& scene_;
  std::uint32_t board_;
  RoomSettings settings_;
  SplitMix random_;
  std::array<node::Bond, node::kMaxBonds> bonds_;
  std::optional<node::Rooms> rooms_;
  std::map<std::uint32_t, std::uint32_t> number_of_;  ///< of presses under way, by the part's own
  std::optional<node::PressEnd> last_end_;
  std::optional<Instant> executed_at_;
  std::uint32_t next_number_ = 1;
  std::uint64_t put_off_before_ = 0;  ///< in earlier lives
  Instant next_press_ = kNever;
  bool pressing_ = true;
};

}  // namespace espial::sim
