#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"

namespace espial::station {

/// Limits of what is shown. What goes beyond is refused or cut, and counted.
inline constexpr std::size_t kMaxDevices = 65'536;
inline constexpr std::size_t kMaxFieldsPerFunction = 16;
inline constexpr std::size_t kMaxTextBytes = 128;
inline constexpr std::size_t kMaxTitleBytes = 64;
inline constexpr std::size_t kMaxNameBytes = 29;
inline constexpr std::size_t kMaxObservers = 8;
/// Removed devices remembered, so that a browser that was away can be told of them.
inline constexpr std::size_t kMaxRemovals = 256;

/// How a device speaks: Espial's own protocol, or one of the older ones the hub understands.
enum class Protocol : std::uint8_t { espial, s0, s1, s2 };

/// "espial", "s0", "s1" or "s2".
std::string_view to_text(Protocol protocol);

/// The station's own number for a device, given once and never given again; 0 is none.
struct DeviceId {
  std::uint32_t value = 0;
  friend constexpr bool operator==(DeviceId a, DeviceId b) { return a.value == b.value; }
  friend constexpr bool operator!=(DeviceId a, DeviceId b) { return a.value != b.value; }
  friend constexpr bool operator<(DeviceId a, DeviceId b) { return a.value < b.value; }
};

enum class ValueType : std::uint8_t { none, number, text };

/// One field of one function: a number, a text, or "none" (the module has no value for it now).
struct Value {
  std::uint8_t field = 0;  ///< index of the field within the function's kind
  ValueType type = ValueType::none;
  double number = 0;    ///< only for ValueType::number, already scaled to the kind's unit
  std::string text;     ///< only for ValueType::text, UTF-8, at most kMaxTextBytes
  UnixTime taken_at{};  ///< filled in by LiveState: when this field's value was true

  static Value none(std::uint8_t field) {
    Value value;
    value.field = field;
    return value;
  }
  static Value of(std::uint8_t field, double number) {
    Value value;
    value.field = field;
    value.type = ValueType::number;
    value.number = number;
    return value;
  }
  static Value of(std::uint8_t field, std::string_view text) {
    Value value;
    value.field = field;
    value.type = ValueType::text;
    value.text = text;
    return value;
  }
};

/// What is known of one function of a device.
struct FunctionState {
  std::uint8_t slot = 0;  ///< 0..kSlotCount-1, or wire::kModuleSlot: the module itself
  std::uint8_t kind = 0;  ///< number from protocol/kinds.json
  std::string title;      ///< UTF-8, at most kMaxTitleBytes
  bool accepts_commands = false;
  UnixTime taken_at{};         ///< of the newest value; 0 before the first
  std::vector<Value> values;   ///< in ascending order of field
  std::uint64_t revision = 0;  ///< LiveState::revision() when it last changed

  /// The value of `field`, or nullptr before the first one.
  const Value* value(std::uint8_t field) const;
};

/// What is known of one device. The MAC is its identity; name and module ID are aliases.
struct Device {
  DeviceId id{};
  MacAddress mac{};
  std::string name;  ///< unique, see registry.hpp
  Protocol protocol = Protocol::espial;
  ServerId server{};     ///< 0 where the protocol has no networks (S1, S2)
  ModuleId module{};     ///< 0 likewise
  UnixTime joined_at{};  ///< when the current session began; not known: it has none, see remains_of
  UnixTime last_seen{};
  bool online = false;
  /// How many seconds may pass between two of its reports; 0: not known.
  std::uint32_t interval_s = 0;
  /// Known, and shown to nobody until LiveState::show(): the store does not have it yet, or it was
  /// forgotten.
  bool hidden = false;
  std::optional<MacAddress> gateway;     ///< who relayed the last frame
  std::optional<std::int8_t> rssi_dbm;   ///< at that gateway
  std::string firmware;                  ///< as the device says, at most kMaxTitleBytes
  std::string chip;                      ///< likewise
  std::vector<FunctionState> functions;  ///< in ascending order of slot, each at most once
  std::uint64_t revision = 0;            ///< when it or one of its functions last changed
  std::uint64_t facts_revision = 0;      ///< when anything but a value last changed

  /// The function in `slot`, or nullptr.
  const FunctionState* function(std::uint8_t slot) const;
};

enum class ChangeKind : std::uint8_t {
  device_changed,   ///< new, or anything but a value changed
  reading_changed,  ///< a value of `slot` changed
  device_removed,
};

/// A small notice; who wants the content looks it up.
struct Change {
  ChangeKind kind = ChangeKind::device_changed;
  DeviceId device{};
  std::uint8_t slot = 0;  ///< only for reading_changed
  std::uint64_t revision = 0;
};

/// Told of every change of a device that is shown, before the call that made it returns. Must not
/// call back into LiveState except to read.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_change(const Change& change) = 0;
};

/// What became of a call.
enum class [[nodiscard]] Outcome : std::uint8_t{
    done,
    unchanged,        ///< it was so already: no event, no new revision
    stale,            ///< every value was older than the one shown; nothing changed
    unknown_device,   ///< no such id
    unknown_slot,     ///< a slot that is none, or no function in it
    too_many_fields,  ///< more than kMaxFieldsPerFunction
    mac_taken,        ///< another device has this MAC
    name_taken,       ///< another device has this name
    module_taken,     ///< another device has this module ID in this network
    table_full,       ///< the limit of devices is reached
    invalid,          ///< an id of 0, or a name that is empty or longer than kMaxNameBytes
};

/// One short sentence for a person.
std::string_view to_text(Outcome outcome);

/// What was refused, cut or left out since the start.
struct LiveStateCounters {
  std::uint64_t devices_refused = 0;   ///< the table was full
  std::uint64_t readings_stale = 0;    ///< older than what is shown
  std::uint64_t readings_refused = 0;  ///< unknown device or slot, too many fields
  std::uint64_t texts_cut = 0;         ///< longer than their limit
};

/// What the dashboard shows now: every device, its functions and their newest values. In memory
/// only, one thread only. Lookups by id, MAC, name and (network, module ID) take constant time.
///
/// Every change gets the next revision. A browser that comes back with the last revision it saw
///   1. is told what changed since (`for_each_changed_since`, `for_each_removed_since`) when
///      `can_resume_from` says so;
///   2. gets everything anew otherwise: after a restart, or when too much was removed meanwhile.
class LiveState {
 public:
  /// `first_revision` should be higher after every restart (the owner may take the wall clock in
  /// milliseconds), so that a browser's old revision is not taken for one of this run.
  explicit LiveState(std::uint64_t first_revision = 1, std::size_t max_devices = kMaxDevices);
  ~LiveState();
  LiveState(const LiveState&) = delete;
  LiveState& operator=(const LiveState&) = delete;

  /// Adds a device or replaces everything known of it but its functions, which stay as they are
  /// when `device.functions` is empty. Refuses: table_full, mac_taken, name_taken, module_taken,
  /// invalid; then nothing has changed.
  Outcome put(const Device& device);
  /// Ends a device's being hidden: from now on it is told of and listed. One that has joined
  /// nothing
  /// (`joined_at`) stays hidden.
  Outcome show(DeviceId id);
  /// The contrary: to pages the device is removed.
  Outcome hide(DeviceId id);
  Outcome remove(DeviceId id);
  /// The rules for names are registry.hpp's; here a name only has to be free.
  Outcome rename(DeviceId id, std::string_view name);
  Outcome set_online(DeviceId id, bool online, UnixTime now);
  /// Notes that a frame came: `last_seen`, and the gateway, RSSI and interval where known. No event
  /// and no revision: pages learn of it with the next change.
  Outcome touch(DeviceId id, UnixTime now, std::optional<MacAddress> gateway = std::nullopt,
                std::optional<std::int8_t> rssi_dbm = std::nullopt,
                std::optional<std::uint32_t> interval_s = std::nullopt);
  /// Makes `functions` the device's functions. A slot whose kind stays keeps its values.
  Outcome set_functions(DeviceId id, const std::vector<FunctionState>& functions);
  /// Shows `count` values of one function, true at `taken_at`. A field that already shows a newer
  /// value keeps it; equal times replace. Fields not mentioned stay.
  Outcome apply_reading(DeviceId id, std::uint8_t slot, UnixTime taken_at, const Value* values,
                        std::size_t count);

  /// nullptr where there is none; valid until the device is removed.
  const Device* find(DeviceId id) const;
  const Device* find(const MacAddress& mac) const;
  const Device* find_name(std::string_view name) const;
  const Device* find_module(ServerId server, ModuleId module) const;

  std::size_t size() const { return devices_.size(); }
  std::size_t max_devices() const { return max_devices_; }
  /// One more than the highest id ever seen here.
  DeviceId next_id() const { return DeviceId{highest_id_ + 1}; }
  const LiveStateCounters& counters() const { return counters_; }

  /// The revision of the newest change.
  std::uint64_t revision() const { return revision_; }
  bool can_resume_from(std::uint64_t revision) const;

  /// Calls `f(const Device&)` for every device that is shown, in order of arrival.
  template <typename F>
  void for_each(F&& f) const {
    for (const auto& device : devices_) {
      if (!device->hidden) f(static_cast<const Device&>(*device));
    }
  }
  /// Likewise for those that changed after `revision`.
  template <typename F>
  void for_each_changed_since(std::uint64_t revision, F&& f) const {
    for (const auto& device : devices_) {
      if (device->revision > revision && !device->hidden) f(static_cast<const Device&>(*device));
    }
  }
  /// Calls `f(DeviceId)` for every device removed after `revision`.
  template <typename F>
  void for_each_removed_since(std::uint64_t revision, F&& f) const {
    for (const Removal& removal : removals_) {
      if (removal.revision > revision) f(removal.device);
    }
  }

  /// False when there are kMaxObservers already. The observer must outlive its registration.
  [[nodiscard]] bool add_observer(Observer* observer);
  void remove_observer(Observer* observer);

 private:
  struct Removal {
    DeviceId device;
    std::uint64_t revision;
  };

  Device* find_mutable(DeviceId id);
  Outcome check(const Device& device, const Device* present) const;
  void index(Device* device);
  void unindex(const Device& device);
  void clip(std::string& text, std::size_t limit_bytes);
  void clip_texts(Device& device);
  void tidy_functions(std::vector<FunctionState>& functions);
  void device_changed(Device& device);
  void device_removed(const Device& device);
  void not_removed(DeviceId id);
  void notify(const Device& device, const Change& change);

  std::size_t max_devices_;
  std::uint64_t revision_;
  std::uint64_t resume_floor_;
  std::uint32_t highest_id_ = 0;
  std::vector<std::unique_ptr<Device>> devices_;
  std::unordered_map<std::uint32_t, Device*> by_id_;
  std::unordered_map<std::uint64_t, Device*> by_mac_;
  std::unordered_map<std::string_view, Device*> by_name_;  // keys point into the devices
  std::unordered_map<std::uint16_t, Device*> by_module_;
  std::deque<Removal> removals_;
  std::vector<Observer*> observers_;
  LiveStateCounters counters_;
};

}  // namespace espial::station
