#include "sim/memory_settings.hpp"

#include <algorithm>

#include "sim/heap_watch.hpp"

namespace espial::sim {

std::size_t MemorySettings::load(SettingKey key, MutableByteView out) {
  const auto found = records_.find(key);
  if (found == records_.end() || found->second.size() > out.size()) return 0;
  std::copy(found->second.begin(), found->second.end(), out.data());
  return found->second.size();
}

bool MemorySettings::save(SettingKey key, ByteView value) {
  const OutsideCore port;
  if (cut_ || worn_out_ || value.size() > kMaxSettingSize) return false;
  ++writes_;
  const bool counted_down = until_cut_ > 0 && --until_cut_ == 0;
  if (counted_down || cut_record_ == key) {
    cut_ = true;
    ++cuts_;
    if (!whole_) return false;
  }
  records_[key].assign(value.begin(), value.end());
  return true;
}

void MemorySettings::cut_at(std::uint32_t writes, bool whole) {
  until_cut_ = writes;
  whole_ = whole;
}

void MemorySettings::cut_at_record(std::optional<SettingKey> key, bool whole) {
  cut_record_ = key;
  whole_ = whole;
}

void MemorySettings::restore_power() {
  cut_record_.reset();
  cut_ = false;
  until_cut_ = 0;
}

}  // namespace espial::sim
