#include "ports/linux/settings_file.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "core/base/hash.hpp"
#include "ports/linux/private_file.hpp"

namespace espial {
namespace {

constexpr std::array<std::uint8_t, 5> kMagic{'E', 'S', 'P', 'S', 1};
constexpr std::size_t kSumSize = 8;
/// Every key once, each with the longest record.
constexpr std::size_t kMaxFileSize = kMagic.size() + 256 * (2 + kMaxSettingSize) + kSumSize;

void append_sum(std::vector<std::uint8_t>& bytes) {
  const std::uint64_t sum = fnv1a({bytes.data(), bytes.size()});
  for (std::size_t i = 0; i < kSumSize; ++i) {
    bytes.push_back(static_cast<std::uint8_t>(sum >> (8 * i)));
  }
}

}  // namespace

std::optional<SettingRecords> parse_settings(ByteView bytes) {
  if (bytes.size() < kMagic.size() + kSumSize || bytes.size() > kMaxFileSize) return std::nullopt;
  const std::size_t end = bytes.size() - kSumSize;
  std::vector<std::uint8_t> summed(bytes.begin(), bytes.begin() + end);
  append_sum(summed);
  if (!equal({summed.data(), summed.size()}, bytes)) return std::nullopt;
  if (!equal(bytes.subview(0, kMagic.size()), kMagic)) return std::nullopt;
  SettingRecords records;
  std::size_t at = kMagic.size();
  while (at < end) {
    if (end - at < 2) return std::nullopt;
    const std::uint8_t key = bytes[at];
    const std::size_t size = bytes[at + 1];
    at += 2;
    if (size > kMaxSettingSize || size > end - at) return std::nullopt;
    const ByteView value = bytes.subview(at, size);
    records[key].assign(value.begin(), value.end());
    at += size;
  }
  return records;
}

std::vector<std::uint8_t> encode_settings(const SettingRecords& records) {
  std::vector<std::uint8_t> bytes(kMagic.begin(), kMagic.end());
  for (const auto& [key, value] : records) {
    bytes.push_back(key);
    bytes.push_back(static_cast<std::uint8_t>(value.size()));
    bytes.insert(bytes.end(), value.begin(), value.end());
  }
  append_sum(bytes);
  return bytes;
}

SettingsFile::SettingsFile(std::filesystem::path file) : file_(std::move(file)) {
  std::ifstream in(file_, std::ios::binary);
  if (!in) return;
  std::vector<std::uint8_t> bytes(kMaxFileSize + 1);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  const auto records = parse_settings({bytes.data(), static_cast<std::size_t>(in.gcount())});
  damaged_ = !records;
  if (records) records_ = *records;
}

std::size_t SettingsFile::load(SettingKey key, MutableByteView out) {
  const auto record = records_.find(static_cast<std::uint8_t>(key));
  if (record == records_.end() || record->second.size() > out.size()) return 0;
  std::copy(record->second.begin(), record->second.end(), out.data());
  return record->second.size();
}

bool SettingsFile::save(SettingKey key, ByteView value) {
  if (value.size() > kMaxSettingSize) return false;
  SettingRecords changed = records_;
  changed[static_cast<std::uint8_t>(key)].assign(value.begin(), value.end());
  const auto bytes = encode_settings(changed);
  if (write_private_file(file_, {bytes.data(), bytes.size()})) return false;
  records_ = std::move(changed);
  damaged_ = false;
  return true;
}

}  // namespace espial
