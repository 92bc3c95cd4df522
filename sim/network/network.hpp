#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/air/air.hpp"
#include "sim/digest.hpp"
#include "sim/network/adversary.hpp"
#include "sim/network/agenda.hpp"
#include "sim/network/backbone.hpp"
#include "sim/network/board.hpp"
#include "sim/network/gateway_box.hpp"
#include "sim/network/hub_box.hpp"
#include "sim/network/s0_box.hpp"
#include "sim/network/s0_neighbour.hpp"
#include "sim/network/scene.hpp"
#include "sim/network/watch.hpp"

namespace espial::sim {

/// All that a simulated network is made of. Two equal ones make two equal runs.
struct NetworkSettings {
  std::uint64_t seed = 1;
  AirSettings air;
  Backbone::Settings backbone;
  HubSettings hub;
  std::vector<GatewaySettings> gateways;
  std::vector<BoardSettings> boards;
  std::vector<S0Settings> s0_modules;
  /// A house of S0's on the same air, with Espial boards in it.
  std::optional<S0NeighbourSettings> neighbour;
  /// Boards are switched on one after the other over this span.
  Duration switch_on_over = Duration::seconds(5);
};

/// A whole network in virtual time, in one thread: the same role objects as in firmware and hub,
/// and everything around them.
///
///     boards ~~~~ air ~~~~ gateways ==== backbone ==== hub (coordinator on its store)
///
/// Nothing in it knows the time or draws by chance but from `seed`: equal settings and equal calls
/// give equal digests, whatever compiled it. What befalls the network is said to it from outside
/// (FaultPlan); whoever watches, changes nothing.
class Network final : private AirSink {
 public:
  /// `crypto` and `watch` must outlive it.
  Network(const NetworkSettings& settings, Crypto& crypto, Watch& watch);

  Instant now() const { return scene_.now; }
  UnixTime utc() const { return scene_.utc(); }
  /// Runs what is due next, at most at `end`.
  /// @retval false  nothing more is due until `end`, which it is now.
  bool step(Instant end);
  void run_for(Duration span);
  /// Runs until `done` says so, looked at after every event, for at most `limit`.
  /// @retval false  `limit` was reached first.
  template <typename Predicate>
  bool run_until(Duration limit, Predicate done) {
    const Instant end = now() + limit;
    while (!done()) {
      if (!step(end)) return done();
    }
    return true;
  }

  // --- what people and fate do to it ---
  void switch_board_on(std::uint32_t board);
  void switch_board_off(std::uint32_t board);
  /// The board's power fails at its `writes`-th write to flash from now.
  void cut_board_at_write(std::uint32_t board, std::uint32_t writes, bool whole);
  /// The board's power fails at its next write of that record; nothing: at none.
  void cut_board_at_record(std::uint32_t board, std::optional<SettingKey> key, bool whole);
  /// A reset that retained memory survives, where there is any; switch_board_on() starts it again.
  void reset_board(std::uint32_t board);
  /// Such a reset before the `bytes`-th byte from now goes to its retained memory.
  void reset_board_at_byte(std::uint32_t board, std::size_t bytes);
  /// The board's flash takes writes or fails them all.
  void set_flash(std::uint32_t board, bool works);
  void switch_gateway(std::uint32_t gateway, bool on);
  /// The gateway is off for ever, and a spare one is switched on.
  /// @retval false  there is none left; nothing has happened.
  bool replace_gateway(std::uint32_t gateway);
  void move_gateway(std::uint32_t gateway, Channel channel, bool announced);
  void set_link(std::uint32_t gateway, bool up);
  void set_broker(bool alive);
  void kill_broker(std::size_t unsaved_messages);
  void switch_hub(bool on);
  /// The process that owns the network is paused; see HubBox::pause().
  /// @retval false  there is none, or one is paused already.
  bool pause_owner(Duration span);
  void stall_store(Duration span);
  void fail_commit();
  void set_air(const AirSettings& quality);
  void set_reporting(bool reporting);
  void set_pressing(bool pressing);
  /// See S0Neighbour::trouble().
  /// @retval false  there is no such house.
  bool trouble_neighbour(std::uint64_t draw);
  void mend_neighbour();
  void attack(Attack attack, Duration span);
  /// See Adversary::say().
  void adversary_says(const MacAddress& source, const MacAddress& destination, Channel channel,
                      ByteView body);
  void end_attacks();
  /// @retval false  the hub did not take it.
  bool command(std::uint32_t board, std::uint32_t number, Duration lifetime);

  /// See HubBox::forget().
  bool forget(std::uint32_t board);
  /// See HubBox::set_revoked().
  bool set_revoked(std::uint32_t board, bool revoked);
  /// Puts another network key in force at hub and gateways, and ends the change before it.
  /// @retval false  somebody has not followed that one yet, or the hub is off.
  bool change_key(std::uint64_t seed);
  /// The former network key admits nobody any more.
  void end_key_change();
  /// See Board::leave().
  bool leave(std::uint32_t board);
  /// See HubBox::send_long().
  coordinator::LongStatus send_long(std::uint32_t board, transfer::LongSource& source,
                                    std::uint32_t size);
  /// @retval false  the hub did not take it.
  bool configure(std::uint32_t board, std::uint16_t max_airtime_permille);

  // --- to look at ---
  std::size_t board_count() const { return boards_.size(); }
  std::size_t gateway_count() const { return gateways_.size(); }
  const Board& board(std::uint32_t number) const { return boards_[number]; }
  const GatewayBox& gateway(std::uint32_t number) const { return gateways_[number]; }
  const HubBox& hub() const { return hub_; }
  const Air& air() const { return air_; }
  const Backbone& backbone() const { return backbone_; }
  /// What a thief of the network key has.
  const Key& network_key() const { return scene_.network_key; }
  const Adversary& adversary() const { return adversary_; }
  /// Null where there is none.
  const S0Neighbour* neighbour() const { return neighbour_ ? &*neighbour_ : nullptr; }
  /// `tap` sees everything that is sent, from now on; it must outlive the network.
  void add_tap(AirTap& tap) { taps_.add(tap); }
  /// What is not as it shall be, for people; empty when every board that has power is online, on
  /// its gateway's channel, and holds nothing, nor does any gateway that could pass it on.
  std::string_view unsettled() const;
  bool all_online() const;  ///< as each board sees it
  /// Every board has a key of its own, drawn since the network key was changed last.
  bool all_keys_renewed() const;
  /// What is on its way between gateways, hub and store, for people. Empty: nothing is.
  std::string_view under_way() const;
  /// Some boards take longer frames than some gateways, or shorter ones.
  bool mixes_sizes() const { return mixes_sizes_; }
  /// Frames that such a gateway heard of such a board.
  std::uint64_t mixed_frames() const { return mixed_frames_; }
  /// Changes with every event, by what was delivered, sent down and stored to the last byte: two
  /// runs with the same digest did the same.
  std::uint64_t digest() const;
  std::uint64_t events() const { return events_; }
  /// Something kept happening at one instant and time did not go on.
  bool stuck() const { return stuck_; }
  /// Whose turn it was last: "board 3".
  std::string last_actor() const;

 private:
  enum Actor : std::uint32_t { kAir, kHub, kBackbone, kAdversary, kFirstGateway };

  /// An air has one tap.
  class Taps final : public AirTap {
   public:
    void add(AirTap& tap) { taps_.push_back(&tap); }
    void on_transmission(const Transmission& transmission) override {
      for (AirTap* tap : taps_) tap->on_transmission(transmission);
    }

   private:
    std::vector<AirTap*> taps_;
  };

  void on_delivery_near(RadioId receiver) override;
  void on_delivery(Instant at, RadioId receiver, const ReceivedFrame& frame) override;
  void on_sent(Instant at, RadioId sender, bool acknowledged) override;

  std::uint32_t actor_of(const GatewayBox& gateway) const {
    return kFirstGateway + gateway.settings().number;
  }
  std::uint32_t actor_of(const Board& board) const {
    return kFirstGateway + static_cast<std::uint32_t>(gateways_.size()) + board.settings().number;
  }
  std::uint32_t actor_of(const S0Box& module) const {
    return kFirstGateway + static_cast<std::uint32_t>(gateways_.size() + boards_.size()) +
           module.settings().number;
  }
  std::uint32_t actor_of_neighbour() const {
    return kFirstGateway +
           static_cast<std::uint32_t>(gateways_.size() + boards_.size() + s0_modules_.size());
  }
  /// The S0 module that is actor `kFirstGateway + device`; null where that is another device.
  S0Box* s0_module(std::uint32_t device);
  std::uint32_t owner_of(RadioId radio) const;
  bool is_mixed(const GatewayBox& gateway, const ReceivedFrame& frame) const;
  void run(std::uint32_t actor);
  void fetch_for(std::uint32_t actor) const;
  void take_down();
  void refresh(Board& board);
  void refresh(GatewayBox& gateway);
  void refresh(S0Box& module);
  void refresh_neighbour();
  /// After anything: the shared parts may have become busy.
  void refresh_shared();
  void tell_gateways();
  void tell(GatewayBox& gateway);
  bool beside_gateway(const Board& board) const;
  void note(std::uint64_t what, std::uint64_t value, ByteView body = {});

  Air air_;
  Backbone backbone_;
  Scene scene_;
  HubBox hub_;
  Adversary adversary_;
  Taps taps_;
  std::deque<GatewayBox> gateways_;
  std::deque<Board> boards_;
  std::deque<S0Box> s0_modules_;
  std::optional<S0Neighbour> neighbour_;
  bool mixes_sizes_;
  std::uint64_t mixed_frames_ = 0;
  Agenda agenda_;
  std::vector<bool> retired_;          ///< by gateway: it died, or waits as a spare
  std::vector<Instant> switch_on_at_;  ///< by board, kNever once it was
  /// By RadioId; the adversary's is nobody's.
  std::vector<std::uint32_t> owner_of_radio_;
  Digest digest_;
  std::uint64_t events_ = 0;
  std::uint32_t at_this_instant_ = 0;
  bool stuck_ = false;
  std::uint32_t last_actor_ = kHub;
};

}  // namespace espial::sim
