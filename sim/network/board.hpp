#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/node/conduct.hpp"
#include "core/node/long_receiver.hpp"
#include "core/node/long_reports.hpp"
#include "core/node/node.hpp"
#include "core/node/retention.hpp"
#include "core/transfer/report_ring.hpp"
#include "sim/memory_retained.hpp"
#include "sim/memory_settings.hpp"
#include "sim/network/age_audit.hpp"
#include "sim/network/device_clock.hpp"
#include "sim/network/duty_audit.hpp"
#include "sim/network/numbered.hpp"
#include "sim/network/room_program.hpp"
#include "sim/network/sim_radio.hpp"
#include "sim/seeded_random.hpp"
#include "sim/splitmix.hpp"

namespace espial::sim {

/// How one board is built and what it does all day.
struct BoardSettings {
  std::uint32_t number = 0;  ///< its place among the boards; gives the address too
  std::uint64_t seed = 1;
  std::optional<Position> position;
  std::size_t max_body_size = kMaxBodyV1;
  RateLadder rates = kEsp32Rates;
  /// What its chip's cryptography takes.
  ChipSpeed chip;
  /// Reports that its ring holds.
  std::size_t ring_slots = 16;
  /// Zero: it reports only when told to.
  Duration report_interval = Duration::seconds(10);
  /// So many reports at once, one for each function that it has something of.
  std::uint32_t reports_at_once = 1;
  /// So many of 1000 reports are events.
  std::uint32_t event_permille = 50;
  /// So many of 1000 readings are longer than a frame; only a board that takes long packets has
  /// any.
  std::uint32_t long_permille = 0;
  /// The longest packet it sends and takes; 0: none longer than a frame.
  std::size_t long_packet_bytes = 0;
  /// It sleeps from one report to the next.
  bool sleeper = false;
  /// It has memory that survives all but a loss of power. A sleeper always has.
  bool retains = false;
  /// After a reset its port knows how long that took (it always knows how long it slept).
  /// Otherwise only the time of day tells.
  bool knows_reset = true;
  Duration keepalive = Duration::seconds(30);
  std::int32_t drift_ppm = 0;
  /// While it sleeps or is reset an oscillator counts that is slower by so much.
  std::int32_t sleep_drift_ppm = 0;
  /// What its clock reads when it is switched on for the first time.
  Instant clock_origin;
  /// It has a key of its own on a label, and joins with that.
  bool labelled = false;
  /// What it is in the rooms, if anything.
  std::optional<RoomSettings> room;
};

/// The address of a board.
MacAddress board_address(std::uint32_t number);
/// The board of an address; nothing for an address of nobody's.
std::optional<std::uint32_t> board_number(const MacAddress& mac);

/// The key on a board's label.
Key label_key(std::uint32_t board);

/// How a board stands.
///
///            switch_on()              nothing more to do
///     OFF ---------------> AWAKE <------------------------> ASLEEP (sleepers)
///      ^                    | ^         time to report
///      |  switch_off(), or  | | switch_on()
///      |  power fails at a  | |
///      +- write to flash ---+ +---- DOWN <-- reset(), or a reset at a byte of retained memory
enum class BoardPower : std::uint8_t { kOff, kAwake, kAsleep, kDown };

/// A node with everything around it: radio, clock, flash, retained memory, a program that reports
/// numbers. All calls are in the world's time; the node lives in its own.
class Board final : private node::Application {
 public:
  Board(Scene& scene, const BoardSettings& settings);

  /// It starts, after a loss of power or a reset. Harmless when it runs.
  void switch_on();
  /// Power goes, at any moment: ring and session are gone, flash stays.
  void switch_off();
  /// A reset at any moment: retained memory stays. switch_on() starts it again.
  void reset();
  /// It says goodbye, as before it goes into a drawer, and is silent until it starts again.
  /// @retval false  it is not online, or sleeps between its reports.
  bool leave();
  bool on() const { return power_ == BoardPower::kAwake || power_ == BoardPower::kAsleep; }
  BoardPower power() const { return power_; }
  /// Power failed, or a reset came, in the middle of a write: what followed in that call never was.
  bool dark() const { return flash_.cut() || retained_.stopped(); }
  /// To be called when it is dark: it is off, or down, from now on.
  void go_dark();

  /// on_frame() follows soon: has the processor fetch what it will ask for.
  void approach() const;
  /// The same for on_timer(), which asks for more.
  void approach_turn() const;
  void on_frame(const ReceivedFrame& frame);
  void on_sent(bool acknowledged);
  /// Does what is due at scene.now.
  void on_timer();
  /// When on_timer() wants to be called.
  Instant next_timer() const;

  /// Reports once more, as an event or a reading. Nothing happens while it does not run.
  void report(bool event);
  /// From now on it reports by itself, or no longer.
  void set_reporting(bool reporting);
  /// The same for the button that it is, if it is one.
  void set_pressing(bool pressing) {
    if (room_) room_->set_pressing(pressing);
  }

  /// Null unless it is awake.
  const node::Node* node() const { return node_ ? &*node_ : nullptr; }
  /// Online, or asleep after it was.
  bool online() const { return on() && state_ == node::NodeState::kOnline; }
  /// Its ring holds nothing.
  bool holds_nothing() const;
  /// The configuration it keeps to.
  const node::Configuration& configuration() const { return configuration_; }
  /// How often it reports: as it is told, or else as it is made.
  Duration report_interval() const {
    return told_interval_ > Duration{} ? told_interval_ : settings_.report_interval;
  }
  /// What it does in the rooms; null where it does nothing.
  const RoomProgram* room() const { return room_ ? &*room_ : nullptr; }
  bool retains() const { return retained_.size() > 0; }
  MemorySettings& flash() { return flash_; }
  const MemorySettings& flash() const { return flash_; }
  MemoryRetained& retained() { return retained_; }
  const MemoryRetained& retained() const { return retained_; }
  const BoardSettings& settings() const { return settings_; }
  MacAddress address() const { return radio_.address(); }
  RadioId radio() const { return radio_.id(); }
  std::uint16_t life() const { return life_; }
  Instant local_now() const { return clock_.local(scene_.now); }
  /// How long its radio was on so far.
  Duration radio_on() const;
  /// How many frames waited for its chip's cryptography.
  std::uint64_t crypto_waits() const { return radio_.waits(); }
  std::uint64_t sleeps() const { return sleeps_; }
  const DutyAudit& duty() const { return duty_; }

 private:
  /// A board that is dark sends nothing.
  class NodeRadio final : public SimRadio {
   public:
    NodeRadio(Board& board, Scene& scene, const RadioSettings& settings)
        : SimRadio(scene, settings), board_(board) {}
    [[nodiscard]] bool send(const MacAddress& destination, ByteView body) override {
      const OutsideCore port;
      if (!board_.dark()) {
        const bool taken = SimRadio::send(destination, body);
        if (taken) board_.notice_sent(body);
        return taken;
      }
      board_.scene_.watch.on_never_sent(board_.scene_.now, board_.settings_.number);
      return false;
    }

   private:
    Board& board_;
  };

  wire::Outcome execute(Instant now, const wire::Reading& command) override;
  void on_state(Instant now, node::NodeState state) override;
  void on_time(Instant now, UnixTime utc, std::int16_t zone_minutes) override;
  void on_configured(Instant now, const node::Configuration& configuration) override;
  void on_assigned(Instant now, const node::Assignment& assignment) override;

  bool runs() const { return power_ == BoardPower::kAwake && !dark(); }
  void boot(wire::ResetReason reason);
  Duration measured(Duration away) const;
  void make_node(const node::Config& config, Instant now);
  void stop(BoardPower power);
  void sleep_if_done();
  Instant sleep_at() const;
  Instant next_press() const { return room_ ? room_->next_press() : kNever; }
  bool has_lamp(const wire::Reading& command) const {
    return room_ && room_->settings().lamp && command.slot == kLampSlot;
  }
  void lose_time();
  void begin_life();
  void end_life();
  void look_at_ring(bool torn);
  void watch_ages(bool open);
  void notice_sent(ByteView body);
  void limit_airtime();
  CoreCall<node::Node> core() { return in_core(*node_, "a node"); }
  /// A report at QoS 0: nobody keeps it.
  void say_once();
  void report_all();
  void fetch(std::size_t lines) const;
  void draw_next_report();
  void notice_settled();
  void notice_submitted(const Numbered& report, node::ReportStatus status);
  std::optional<Numbered> held_at(std::size_t slot) const;

  Scene& scene_;
  // What every frame and every timer asks for comes first, and the node with it: see approach().
  BoardPower power_ = BoardPower::kOff;
  node::NodeState state_ = node::NodeState::kIdle;
  bool reporting_ = true;
  std::uint32_t acknowledged_ = 0;
  Instant next_report_ = kNever;
  Instant touched_at_;
  DeviceClock clock_;
  MemorySettings flash_;
  MemoryRetained retained_;
  std::optional<node::Node> node_;
  BoardSettings settings_;
  SplitMix random_;
  SeededRandom node_random_;
  ChargedCrypto crypto_;
  NodeRadio radio_;
  AgeAudit ages_;
  DutyAudit duty_;
  DutyAudit room_duty_{link::kDutyWindow * 2};  ///< of twice what goes to other nodes
  std::vector<transfer::ReportSlot> slots_;
  std::vector<std::uint8_t> ring_bytes_;
  std::vector<std::uint8_t> long_bytes_;
  std::vector<std::uint8_t> long_incoming_;
  std::optional<node::LongReceiver> long_receiver_;
  std::optional<node::LongReports> long_reports_;
  std::vector<node::Part*> parts_;
  std::optional<node::Retention> retention_;
  std::optional<node::Conduct> conduct_;
  node::Configuration configuration_;
  Duration told_interval_;  ///< zero: nobody has said
  /// Counts the streams it has had; see Numbered.
  std::uint16_t life_ = 0;
  bool told_ = false;   ///< the time of day, before it stopped
  bool alive_ = false;  ///< a life has begun and not ended
  std::array<std::uint32_t, transfer::kStreamCount> next_index_{};
  std::optional<Numbered> newest_;
  /// What the ring held when it was looked at last, by slot.
  std::vector<std::optional<Numbered>> held_;
  Instant radio_since_;
  Duration radio_on_;
  std::uint64_t sleeps_ = 0;
  std::optional<RoomProgram> room_;
  std::array<std::uint8_t, kMaxBodyV2> frame_{};
};

}  // namespace espial::sim
