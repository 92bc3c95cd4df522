#pragma once

// For this room's tests and benches only.

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "hub/store/store.hpp"

namespace espial::store {

/// A new folder that goes away with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "espial-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::filesystem::path file() const { return path_ / "espial.db"; }

 private:
  std::filesystem::path path_;
};

inline DeviceRecord device_record(std::uint32_t id) {
  DeviceRecord device;
  device.id = DeviceId{id};
  device.mac.octets = {2,
                       0,
                       static_cast<std::uint8_t>(id >> 24),
                       static_cast<std::uint8_t>(id >> 16),
                       static_cast<std::uint8_t>(id >> 8),
                       static_cast<std::uint8_t>(id)};
  device.name = "device " + std::to_string(id);
  device.protocol = Protocol::s2;
  device.joined_at = UnixTime{1'000};
  device.last_seen = UnixTime{2'000};
  return device;
}

inline Reading number_reading(std::uint32_t device, std::int64_t at_ms, double number,
                              std::uint8_t slot = 0, std::uint8_t field = 0) {
  Reading reading;
  reading.device = DeviceId{device};
  reading.slot = slot;
  reading.field = field;
  reading.taken_at = UnixTime{at_ms};
  reading.type = ValueType::number;
  reading.number = number;
  return reading;
}

/// Applies units and returns the refused ones; StoreError::none is expected by the caller.
inline StoreError apply(Store& store, const std::vector<Changes>& units,
                        std::vector<std::size_t>& refused) {
  std::vector<const Changes*> pointers;
  for (const Changes& unit : units) pointers.push_back(&unit);
  return store.apply(pointers, refused);
}

inline StoreError apply(Store& store, Changes changes) {
  std::vector<std::size_t> refused;
  const StoreError error = apply(store, std::vector<Changes>{std::move(changes)}, refused);
  if (error == StoreError::none && !refused.empty()) return StoreError::constraint;
  return error;
}

}  // namespace espial::store
