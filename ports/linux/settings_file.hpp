#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <vector>

#include "core/port/settings.hpp"

namespace espial {

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
  using Records = std::map<std::uint8_t, std::vector<std::uint8_t>>;

  void read();
  bool parse(ByteView bytes, Records& records) const;
  bool write(const Records& records) const;

  std::filesystem::path file_;
  Records records_;
  bool damaged_ = false;
};

}  // namespace espial
