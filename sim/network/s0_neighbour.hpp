#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "sim/network/s0_board.hpp"
#include "sim/s0_server.hpp"

namespace espial::sim {

/// A house of S0's next door, which Espial boards have joined.
struct S0NeighbourSettings {
  std::uint64_t seed = 1;
  Channel channel{6};
  std::optional<Position> position;
  std::vector<S0BoardSettings> boards;
  /// From one wish of its people to the next, in the mean.
  Duration wish_interval = Duration::seconds(10);
};

/// The house: a server with S0's own firmware, its people, and Espial boards that are its modules.
/// It is on the same air as the network and has nothing else to do with it.
///
///     people --wish--> server ~~~~ air ~~~~ boards
///
/// S0 does not say that a set point was heard: its people set it again until they see it. Nor does
/// it notice that an answer was garbled on its way, and its module goes by functions of nobody's:
/// whoever shows for a minute what nobody wants, or nothing, is told by them to start again.
class S0Neighbour {
 public:
  /// Its boards are watched as modules of S0's from `first_module` on.
  S0Neighbour(Scene& scene, const S0NeighbourSettings& settings, std::uint32_t first_module);

  std::vector<RadioId> radios() const;
  void on_frame(RadioId radio, const ReceivedFrame& frame);
  void on_sent(RadioId radio, bool acknowledged);
  void on_timer();
  Instant next_timer() const;

  /// Something befalls it, which is over when it is mended; `draw` says what.
  void trouble(std::uint64_t draw);
  void mend();
  /// Every board shows what its people wish.
  bool settled() const;

  std::size_t board_count() const { return boards_.size(); }
  /// Set points that its boards carried out.
  std::uint64_t executed() const;
  std::uint64_t echoes() const { return echoes_ + (server_ ? server_->echoes() : 0); }

 private:
  /// What one board's people wish of a function, and what the server has seen.
  struct Wish {
    std::optional<std::uint8_t> wanted;
    std::optional<std::uint8_t> shown;
    bool open() const { return wanted && wanted != shown; }
  };
  struct Wishes {
    std::array<Wish, S0Board::kSlots> of{};  ///< by slot
    Instant patience_ends;
    bool open() const {
      return std::any_of(of.begin(), of.end(), [](const Wish& wish) { return wish.open(); });
    }
  };

  s0::Server::Settings server_settings() const;
  void switch_server_on();
  void look_at_heard();
  void look_at(std::size_t board, const s0::DataStruct& data);
  void wish();
  void say(std::size_t board, S0Board::Slot slot);
  void look_after(std::size_t board);
  S0Board* board_of(RadioId radio);

  Scene& scene_;
  S0NeighbourSettings settings_;
  SplitMix random_;
  SimRadio radio_;
  std::optional<s0::Server> server_;
  std::size_t looked_at_ = 0;  ///< of what the server has heard
  std::deque<S0Board> boards_;
  std::vector<Wishes> wishes_;  ///< by board
  Instant next_wish_;
  Instant next_look_;
  std::uint64_t echoes_ = 0;  ///< before the server's last restart
};

}  // namespace espial::sim
