#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <vector>

#include "core/port/settings.hpp"

namespace espial {

/// The records of a settings file by SettingKey.
using SettingRecords = std::map<std::uint8_t, std::vector<std::uint8_t>>;

/// Reads a whole settings file; nothing when it is damaged.
std::optional<SettingRecords> parse_settings(ByteView bytes);
/// The bytes of a settings file. Every record has at most kMaxSettingSize bytes.
std::vector<std::uint8_t> encode_settings(const SettingRecords& records);

/// Settings in one small file, mode 0600, replaced as a whole by each save:
///
///     |"ESPS"|1| then for each record |key|size|bytes| |sum:8|
///
/// `sum` is 64-bit FNV-1a over everything before it: it tells a damaged file, not a forged one.
class SettingsFile final : public Settings {
 public:
  /// Reads what is there. A damaged file counts as empty; damaged() tells.
  explicit SettingsFile(std::filesystem::path file);

  std::size_t load(SettingKey key, MutableByteView out) override;
  [[nodiscard]] bool save(SettingKey key, ByteView value) override;

  bool damaged() const { return damaged_; }

 private:
  std::filesystem::path file_;
  SettingRecords records_;
  bool damaged_ = false;
};

}  // namespace espial
