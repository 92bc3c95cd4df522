#pragma once

#include <cstddef>

#include "core/base/bytes.hpp"

namespace espial {

/// What a node keeps when the power goes: NVS on ESP32, a flash sector on ESP8266, a file on Linux.
enum class SettingKey : std::uint8_t {
  kNodeKey = 1,        ///< per-node key and its generation
  kLastGood = 2,       ///< channel and gateway that last led to a session
  kCommandWindow = 3,  ///< which commands were executed, so that none runs twice
  kModule = 4,         ///< module ID, name, report interval
  kConfiguration = 5,  ///< slots in use, share of the air, schedule
  kRooms = 6,          ///< bonds with other nodes and their pair keys
};

inline constexpr std::size_t kMaxSettingSize = 128;

/// Small named records that survive power loss. A write is whole or not at all.
class Settings {
 public:
  virtual ~Settings() = default;

  /// @returns how many bytes were read into `out`; 0 when there is no such record or it is damaged.
  virtual std::size_t load(SettingKey key, MutableByteView out) = 0;

  /// When it returns true the record survives a power cut.
  /// @retval false  it could not be written; the old record stays.
  [[nodiscard]] virtual bool save(SettingKey key, ByteView value) = 0;
};

}  // namespace espial
