#include "hub/features/replacing.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "hub/features/shown_records.hpp"
#include "station/registry.hpp"

namespace espial::features {

using station::Problem;

namespace {

/// Locally administered, and given to no module.
constexpr std::uint8_t kReplaced[] = {0xee, 0x52};

MacAddress replaced_address(station::DeviceId id) {
  return {{kReplaced[0], kReplaced[1], static_cast<std::uint8_t>(id.value >> 24),
           static_cast<std::uint8_t>(id.value >> 16), static_cast<std::uint8_t>(id.value >> 8),
           static_cast<std::uint8_t>(id.value)}};
}

std::string_view speech_of(station::Protocol protocol) {
  switch (protocol) {
    case station::Protocol::espial:
      return "a module of Espial's";
    case station::Protocol::s0:
      return "a module of S0's";
    case station::Protocol::s1:
      return "a box of DispoBox";
    case station::Protocol::s2:
      return "a board that speaks MQTT itself";
  }
  return "something else";
}

/// The new board's functions, under the names that people gave those of the old one.
std::vector<station::FunctionState> functions_of(const station::Device& fresh,
                                                 const station::Device& broken) {
  std::vector<station::FunctionState> functions = fresh.functions;
  for (station::FunctionState& function : functions) {
    const station::FunctionState* const former = broken.function(function.slot);
    if (former == nullptr || former->kind != function.kind) continue;
    function.title = former->title;
    if (function.values.empty()) function = *former;
  }
  return functions;
}

}  // namespace

std::optional<CommandRefusal> check_replacement(const station::Device& broken,
                                                const station::Device& fresh) {
  if (broken.id == fresh.id) {
    return CommandRefusal{false, Problem::kNoSuchDevice,
                          "a board can't take its own place; name another one"};
  }
  if (broken.protocol != fresh.protocol) {
    return CommandRefusal{
        false, Problem::kOtherProtocol,
        broken.name + " is " + std::string(speech_of(broken.protocol)) + ", " + fresh.name +
            " is " + std::string(speech_of(fresh.protocol)) +
            ": only a board that speaks as the broken one did can take its place. To use this one "
            "instead, forget " +
            broken.name + " and give its name to " + fresh.name + ", which keeps its own history"};
  }
  if (broken.online) {
    return CommandRefusal{
        false, Problem::kStillOnline,
        broken.name + ", which is to be replaced, is online; switch it off first"};
  }
  return std::nullopt;
}

CommandRefusal unknown_successor() {
  return {false, Problem::kNeverJoined,
          "the hub does not know the new board. Switch it on and let it join like any other; then "
          "it can take the place of a broken one"};
}

CommandRefusal successor_is_busy() {
  return {true, Problem::kDeviceBusy, "the new board has commands to do; try again in a minute"};
}

CommandRefusal replacement_not_stored() {
  return {true, Problem::kStoreBusy, "the hub can't store the replacement now; try again"};
}

Succession succession_of(const station::LiveState& live, const station::Device& broken,
                         const station::Device& fresh) {
  Succession succession{fresh, station::remains_of(live, fresh)};
  succession.device.id = broken.id;
  succession.device.name = broken.name;
  succession.device.functions = functions_of(fresh, broken);
  // Its own name is free, unless somebody has thought of this one.
  const std::string name = "replaced " + std::to_string(fresh.id.value);
  if (live.find_name(name) == nullptr) succession.remains.name = name;
  succession.remains.mac = replaced_address(fresh.id);
  succession.remains.server = {};
  succession.remains.functions.clear();
  return succession;
}

store::Changes records_of(const Succession& succession, const station::Device& broken) {
  const station::Device& device = succession.device;
  store::Changes changes{device_record(succession.remains), device_record(device)};
  append_functions(changes, device.id, broken.functions, device.functions);
  return changes;
}

void show(station::LiveState& live, const Succession& succession) {
  (void)live.remove(succession.remains.id);
  (void)live.remove(succession.device.id);
  (void)live.put(succession.device);
  (void)live.put(succession.remains);
}

void append(store::Changes& changes, store::Changes more) {
  std::move(more.begin(), more.end(), std::back_inserter(changes));
}

}  // namespace espial::features
