#include "station/function_notes.hpp"

#include <algorithm>
#include <utility>

namespace espial::station {

const FieldNote* FunctionNote::settable() const {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [](const FieldNote& one) { return one.settable; });
  return found == fields.end() ? nullptr : &*found;
}

bool FunctionNotes::put(DeviceId device, BySlot notes) {
  const auto known = notes_.find(device);
  if (known == notes_.end() ? notes.empty() : known->second == notes) return false;
  if (notes.empty()) {
    notes_.erase(known);
  } else {
    notes_[device] = std::move(notes);
  }
  return true;
}

const FunctionNote* FunctionNotes::find(DeviceId device, std::uint8_t slot) const {
  const auto known = notes_.find(device);
  if (known == notes_.end()) return nullptr;
  const auto note = known->second.find(slot);
  return note == known->second.end() ? nullptr : &note->second;
}

bool FunctionNotes::is_logged(DeviceId device, std::uint8_t slot, std::uint8_t field) const {
  const FunctionNote* const note = find(device, slot);
  return note == nullptr || !note->logged || (*note->logged >> field & 1U) != 0;
}

}  // namespace espial::station
