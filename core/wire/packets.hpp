#pragma once

#include "core/base/bytes.hpp"
#include "core/wire/header.hpp"
#include "core/wire/refusal.hpp"

namespace espial::wire {

/// The inner packets of a plaintext, in order; borrowed. Comes only from parse_packets(), which has
/// checked that they fill it exactly, so a walk can't fail:
///
///     const auto packets = parse_packets(plaintext);
///     if (!packets) return count(packets.refusal());
///     for (const Packet& packet : *packets) ...
class Packets {
 public:
  class Iterator {
   public:
    explicit Iterator(ByteView rest) : rest_(rest) { load(); }
    const Packet& operator*() const { return packet_; }
    const Packet* operator->() const { return &packet_; }
    Iterator& operator++() {
      rest_ = rest_.subview(packet_.whole.size());
      load();
      return *this;
    }
    bool operator!=(const Iterator& other) const { return rest_.size() != other.rest_.size(); }
    bool operator==(const Iterator& other) const { return !(*this != other); }

   private:
    void load() {
      if (!rest_.empty()) packet_ = *parse_first_packet(rest_);
    }
    ByteView rest_;
    Packet packet_;
  };

  Packets() = default;
  Iterator begin() const { return Iterator(bytes_); }
  Iterator end() const { return Iterator({}); }

 private:
  friend Parsed<Packets> parse_packets(ByteView plaintext);
  explicit Packets(ByteView bytes) : bytes_(bytes) {}
  ByteView bytes_;
};

/// Checks the framing of all inner packets: at least one, filling `plaintext` exactly, none of a
/// type that only travels plain (SEALED, AUTH). Their contents are left to their own parsers.
Parsed<Packets> parse_packets(ByteView plaintext);

/// Reads the inner packet that was put together from its parts: any but parts themselves, and those
/// that only travel plain.
Parsed<Packet> parse_long_packet(ByteView bytes);

/// Puts several inner packets into one bounded plaintext.
class PacketsBuilder {
 public:
  /// @param out  where the plaintext goes; borrowed until the builder's last use.
  explicit PacketsBuilder(MutableByteView out) : out_(out) {}

  /// Appends anything this room has an encode() for.
  /// @retval false  it does not fit or can't be encoded; what was there stays as it was.
  template <class T>
  [[nodiscard]] bool append(const T& packet) {
    const std::size_t size = encode(packet, rest());
    used_ += size;
    return size != 0;
  }

  ByteView bytes() const { return {out_.data(), used_}; }
  std::size_t size() const { return used_; }
  bool empty() const { return used_ == 0; }
  std::size_t room() const { return out_.size() - used_; }
  void clear() { used_ = 0; }

 private:
  MutableByteView rest() const { return {out_.data() + used_, out_.size() - used_}; }

  MutableByteView out_;
  std::size_t used_ = 0;
};

}  // namespace espial::wire
