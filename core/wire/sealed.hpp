#pragma once

#include <array>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/wire/refusal.hpp"

namespace espial::wire {

inline constexpr std::size_t kSealTagSize = 16;
inline constexpr std::size_t kMinSealedHeaderSize = 6;
inline constexpr std::size_t kMaxSealedHeaderSize = 8;

/// The clear part of a SEALED frame.
///
///     0    1    2       3        4    5  6 ...         n-16
///    |5f  |len |server |session |counter |ciphertext   |tag[16]|
///    (in the long form of len everything after byte 1 moves by two)
struct SealedHeader {
  ServerId server;
  std::uint8_t session = 0;
  std::uint16_t counter = 0;  ///< low 16 bits of the frame's 64-bit counter
  bool down = false;          ///< f bit 0: from the coordinator
  bool more = false;          ///< f bit 1: set by the gateway, a hint
  bool listening = false;     ///< f bit 2: the receiver stays on
  bool peer = false;          ///< f bit 3: between two nodes of a room
};

/// The header through the counter with MORE cleared: what the tag covers beside the ciphertext.
struct AssociatedData {
  std::array<std::uint8_t, kMaxSealedHeaderSize> bytes{};
  std::size_t size = 0;
  operator ByteView() const { return {bytes.data(), size}; }  // NOLINT(google-explicit-constructor)
};

/// A SEALED frame, borrowed.
struct SealedFrame {
  SealedHeader header;
  AssociatedData associated_data;
  ByteView sealed;  ///< ciphertext and tag, at least 2 + kSealTagSize bytes
};

Parsed<SealedFrame> parse_sealed(ByteView body);

/// How long the whole body is for a plaintext of `plaintext_size` bytes.
constexpr std::size_t sealed_size(std::size_t plaintext_size) {
  const std::size_t length = 4 + plaintext_size + kSealTagSize;
  return length + (length < 255 ? 2 : 4);
}

/// How many bytes of plaintext a body of `body_size` bytes carries; 0 where none fits.
constexpr std::size_t sealed_room(std::size_t body_size) {
  constexpr std::size_t kShort = kMinSealedHeaderSize + kSealTagSize;
  if (body_size <= kShort) return 0;
  // Between the forms lie two sizes (257 and 258) that no packet has.
  if (body_size <= 256) return body_size - kShort;
  if (body_size <= 258) return 256 - kShort;
  return body_size - kShort - 2;
}

/// Writes the header in front of a ciphertext for `plaintext_size` bytes.
/// @returns its size (6 or 8): where the ciphertext begins; 0 when `out` is too small for the
///          whole body, or the server ID is 0.
std::size_t encode_sealed_header(const SealedHeader& header, std::size_t plaintext_size,
                                 MutableByteView out);

/// The associated data of a frame whose header encode_sealed_header() wrote at the front of `body`.
AssociatedData associated_data(ByteView body);

/// What a gateway does to a frame it sends down: sets or clears MORE, which no tag covers.
/// @retval false  `body` is no SEALED frame; nothing changed.
bool set_more(MutableByteView body, bool more);

}  // namespace espial::wire
