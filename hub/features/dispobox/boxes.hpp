#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "hub/features/dispobox/answer.hpp"
#include "hub/features/dispobox/box_places.hpp"
#include "hub/features/dispobox/occupancy.hpp"
#include "hub/features/replacing.hpp"
#include "hub/mqtt/log_limit.hpp"
#include "hub/store/committer.hpp"
#include "hub/store/store.hpp"
#include "station/live_state.hpp"

namespace espial::dispobox {

/// How a box stands, as S1's applications number it.
enum class BoxState : std::int8_t { unknown = -1, free = 0, occupied = 1 };

/// A box as S1's applications know it.
struct BoxView {
  std::uint8_t box = 0;
  BoxState state = BoxState::unknown;
  std::string name;
};

/// {"code":0,"message":"","data":[{"id":"41","state":1,"name":"41"}]}: byte for byte what S1's
/// applications expect.
std::string boxes_json(const std::vector<BoxView>& boxes);
/// The same with a code below 0, which is an error.
std::string boxes_error_json(int code, std::string_view message);

/// The boxes' addresses: 02:53:31:00:00:<box>, locally administered. A box is known by its number,
/// whichever node reports it.
MacAddress box_address(std::uint8_t box);
/// The contrary; nothing for an address that is no box's.
std::optional<std::uint8_t> box_of(const MacAddress& mac);

/// All boxes: what was sampled, smoothed, stored and shown. Every box is a device of the dashboard
/// with a presence in slot 0, and a battery in slot 1 once its node has told of one. Box 0, the
/// system, is free while it works and unknown while it is closed; it is shown to applications only.
///
/// What has changed is shown once it is stored. When the store takes no more, the next tick tries
/// again. One thread only.
class Boxes {
 public:
  static constexpr std::uint8_t kPresenceSlot = 0;
  static constexpr std::uint8_t kBatterySlot = 1;
  /// A box of which nothing was heard for so long is one without information.
  static constexpr Duration kSilence = Duration::seconds(5);

  /// All of it outlives this object.
  struct Ports {
    station::LiveState& live;
    store::Committer& committer;
    store::Documents& documents;
    std::function<UnixTime()> unix_now;
    /// A box's state or name is another one; not called from within itself.
    std::function<void(const std::vector<BoxView>& boxes, std::uint8_t changed)> on_change;
  };

  explicit Boxes(Ports ports) : ports_(std::move(ports)), places_(ports_.documents) {}

  /// Takes up the boxes that are stored, each as it was known last. Silence counts from the first
  /// tick.
  void restore(const store::Snapshot& snapshot);

  void on_answer(Instant now, const Answer& answer, const std::bitset<kBoxCount>& node_boxes);
  /// Whether the system works; and lets silent boxes go grey. To be called about once a second.
  void tick(Instant now, bool open);
  /// The system goes off: to applications every box is one without information. What is stored
  /// stays, for the next start.
  void end();
  /// A box that a person wants to see no more. It is back with its next answer.
  void forget(station::DeviceId device);
  /// The board of another box stands for one that is silent: from now on its number means that box,
  /// which keeps name, number and history, and the other box is no more. The broken board is not
  /// heard again, as long as it says the number of the box. Otherwise why not.
  [[nodiscard]] std::optional<features::CommandRefusal> replace(features::Replacement wanted);
  /// A box was renamed in the live state. False when that can't be stored now.
  [[nodiscard]] bool renamed(station::DeviceId device);

  /// All boxes that there are, by number; the system first.
  std::vector<BoxView> views() const;
  /// Boxes that were there and are no more: forgotten, or their board stands for another.
  std::vector<std::uint8_t> gone() const;
  std::uint64_t not_stored() const { return not_stored_; }
  /// Samples of boards whose number is that of a box for which another one stands.
  std::uint64_t displaced() const { return displaced_; }

 private:
  struct Box {
    bool exists = false;
    bool asked_to_exist = false;  ///< its device is being stored
    Occupancy occupancy;
    BoxState state = BoxState::unknown;
    BoxState stored = BoxState::unknown;
    std::optional<Instant> heard_at;  ///< nothing: not since the start
    UnixTime changed_at{};
  };

  const station::Device* device_of(std::uint8_t box) const;
  void create(std::uint8_t box);
  void set(std::uint8_t box, BoxState state);
  void write(std::uint8_t box);
  void write_battery(std::uint8_t box, const Battery& battery);
  void turn_away(Instant now, std::uint8_t number);
  bool submit(store::Changes changes, std::function<void()> stored);

  Ports ports_;
  BoxPlaces places_;
  std::array<Box, kBoxCount> boxes_;
  std::uint64_t not_stored_ = 0;
  std::uint64_t displaced_ = 0;
  mqtt::LogLimit displaced_log_{1, Duration::seconds(600)};
};

}  // namespace espial::dispobox
