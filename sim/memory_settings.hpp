#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/port/settings.hpp"

namespace espial::sim {

/// A device's flash. It survives the device, and the power can fail at any write.
class MemorySettings final : public Settings {
 public:
  std::size_t load(SettingKey key, MutableByteView out) override;
  [[nodiscard]] bool save(SettingKey key, ByteView value) override;

  /// The power fails at the `writes`-th save() from now (1 = the next), which is still written
  /// when `whole`. From then on nothing is written: the device is to be restarted.
  void cut_at(std::uint32_t writes, bool whole);
  /// The same at the next save() of this record; nothing: at none.
  void cut_at_record(std::optional<SettingKey> key, bool whole);
  /// How often the power has failed in the middle of a write.
  std::uint32_t cuts() const { return cuts_; }
  /// The power has failed.
  bool cut() const { return cut_; }
  /// The power is back.
  void restore_power();
  /// Every write fails from now on, as of worn-out flash.
  void set_worn_out(bool worn_out) { worn_out_ = worn_out; }

  std::uint32_t writes() const { return writes_; }
  bool has(SettingKey key) const { return records_.count(key) != 0; }
  void erase() { records_.clear(); }

 private:
  std::map<SettingKey, std::vector<std::uint8_t>> records_;
  std::uint32_t writes_ = 0;
  std::uint32_t until_cut_ = 0;
  std::optional<SettingKey> cut_record_;
  std::uint32_t cuts_ = 0;
  bool whole_ = false;
  bool cut_ = false;
  bool worn_out_ = false;
};

}  // namespace espial::sim
