#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/hash.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/span.hpp"

namespace espial {

/// What an entry of a MacTable derives from. The links are the table's business.
struct MacEntry {
  MacAddress mac;
  bool used = false;
  std::uint32_t bucket = UINT32_MAX;  ///< first entry of the bucket with this entry's number
  std::uint32_t next = UINT32_MAX;    ///< next entry of the same bucket
  std::uint32_t newer = UINT32_MAX;
  std::uint32_t older = UINT32_MAX;
};

/// Entries found by MAC and ordered by when each was last touched, in storage that the owner hands
/// in. Entries never move, so their index names them as long as they are used. Finding, adding,
/// removing and evicting the oldest take constant time.
template <typename Entry>
class MacTable {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  explicit MacTable(Span<Entry> storage) : entries_(storage) { clear(); }

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return entries_.size(); }
  bool full() const { return size_ == entries_.size(); }

  /// @returns nullptr when there is none.
  Entry* find(const MacAddress& mac) {
    if (entries_.empty()) return nullptr;
    std::uint32_t index = entries_[bucket_of(mac)].bucket;
    while (index != kNone && entries_[index].mac != mac) index = entries_[index].next;
    return index == kNone ? nullptr : &entries_[index];
  }

  /// Adds an entry in its initial state, as the newest. `mac` must not be in the table.
  /// @returns nullptr when the table is full.
  Entry* add(const MacAddress& mac) {
    if (free_ == kNone) return nullptr;
    const std::uint32_t index = free_;
    Entry& entry = entries_[index];
    free_ = entry.next;
    const std::uint32_t own_bucket = entry.bucket;
    entry = Entry{};
    entry.bucket = own_bucket;
    entry.mac = mac;
    entry.used = true;
    Entry& head = entries_[bucket_of(mac)];
    entry.next = head.bucket;
    head.bucket = index;
    push_newest(index);
    ++size_;
    return &entry;
  }

  void remove(Entry& entry) {
    const std::uint32_t index = index_of(entry);
    std::uint32_t* link = &entries_[bucket_of(entry.mac)].bucket;
    while (*link != index) link = &entries_[*link].next;
    *link = entry.next;
    unlink(index);
    entry.used = false;
    entry.next = free_;
    free_ = index;
    --size_;
  }

  /// Makes `entry` the newest.
  void touch(Entry& entry) {
    const std::uint32_t index = index_of(entry);
    if (newest_ == index) return;
    unlink(index);
    push_newest(index);
  }

  /// The entry that was touched longest ago; nullptr when the table is empty.
  Entry* oldest() { return at(oldest_); }
  Entry* newest() { return at(newest_); }
  Entry* older(const Entry& entry) { return at(entry.older); }
  Entry* newer(const Entry& entry) { return at(entry.newer); }

  std::uint32_t index_of(const Entry& entry) const {
    return static_cast<std::uint32_t>(&entry - entries_.data());
  }
  /// @returns nullptr for kNone.
  Entry* at(std::uint32_t index) { return index == kNone ? nullptr : &entries_[index]; }

  void clear() {
    size_ = 0;
    free_ = newest_ = oldest_ = kNone;
    for (std::size_t i = entries_.size(); i-- > 0;) {
      entries_[i] = Entry{};
      entries_[i].next = free_;
      free_ = static_cast<std::uint32_t>(i);
    }
  }

 private:
  std::size_t bucket_of(const MacAddress& mac) const {
    return static_cast<std::size_t>(fnv1a(ByteView(mac.octets)) % entries_.size());
  }

  void push_newest(std::uint32_t index) {
    entries_[index].newer = kNone;
    entries_[index].older = newest_;
    if (newest_ != kNone) entries_[newest_].newer = index;
    newest_ = index;
    if (oldest_ == kNone) oldest_ = index;
  }

  void unlink(std::uint32_t index) {
    const Entry& entry = entries_[index];
    if (entry.newer == kNone) {
      newest_ = entry.older;
    } else {
      entries_[entry.newer].older = entry.older;
    }
    if (entry.older == kNone) {
      oldest_ = entry.newer;
    } else {
      entries_[entry.older].newer = entry.newer;
    }
  }

  Span<Entry> entries_;
  std::size_t size_ = 0;
  std::uint32_t free_ = kNone;
  std::uint32_t newest_ = kNone;
  std::uint32_t oldest_ = kNone;
};

}  // namespace espial
