#include "core/session/sequence_window.hpp"

#include <algorithm>

namespace espial::session {
namespace {

template <std::size_t N>
using Bitmap = std::array<std::uint32_t, N>;

template <std::size_t N>
bool bit(const Bitmap<N>& bits, std::uint32_t index) {
  return ((bits[index / 32] >> (index % 32)) & 1) != 0;
}

template <std::size_t N>
void set_bit(Bitmap<N>& bits, std::uint32_t index) {
  bits[index / 32] |= std::uint32_t{1} << (index % 32);
}

template <std::size_t N>
void clear_bit(Bitmap<N>& bits, std::uint32_t index) {
  bits[index / 32] &= ~(std::uint32_t{1} << (index % 32));
}

/// The 32 bits from `index` on; what lies past the end is 0.
template <std::size_t N>
std::uint32_t word_at(const Bitmap<N>& bits, std::uint32_t index) {
  const std::size_t word = index / 32;
  const std::uint32_t shift = index % 32;
  const std::uint32_t low = word < N ? bits[word] >> shift : 0;
  const std::uint32_t high = shift != 0 && word + 1 < N ? bits[word + 1] << (32 - shift) : 0;
  return low | high;
}

template <std::size_t N>
void drop_front(Bitmap<N>& bits, std::uint32_t count) {
  for (std::uint32_t word = 0; word < N; ++word) {
    // Reads only words that are not written yet.
    bits[word] = count < 32 * N ? word_at(bits, 32 * word + count) : 0;
  }
}

}  // namespace

std::uint32_t restore_sequence(std::uint32_t reference, std::uint16_t low_bits) {
  const auto ahead = static_cast<std::uint16_t>(low_bits - static_cast<std::uint16_t>(reference));
  if (ahead < 0x8000) {
    const std::uint32_t sequence = reference + ahead;
    return sequence >= reference ? sequence : sequence - 0x10000;
  }
  const std::uint32_t behind = 0x10000u - ahead;
  return reference >= behind ? reference - behind : reference + ahead;
}

bool Acknowledgement::covers(std::uint32_t sequence) const {
  if (sequence <= floor) return sequence < floor;
  const std::uint32_t index = sequence - floor - 1;
  return index < 32 && ((bitmap >> index) & 1) != 0;
}

SequenceWindow::Arrival SequenceWindow::receive(std::uint32_t sequence, std::uint32_t oldest_held) {
  advance_to(std::min(oldest_held, sequence));
  if (sequence < floor_) return Arrival::kDuplicate;
  const std::uint32_t index = sequence - floor_;
  // The floor could not pass the last sequence of all.
  if (index >= kSequenceWindowSize || sequence == UINT32_MAX) return Arrival::kTooFar;
  if (bit(received_, index)) return Arrival::kDuplicate;
  set_bit(received_, index);
  return Arrival::kNew;
}

void SequenceWindow::stored(std::uint32_t sequence) {
  if (sequence < floor_) return;
  const std::uint32_t index = sequence - floor_;
  if (index >= kSequenceWindowSize || !bit(received_, index)) return;
  set_bit(stored_, index);
  pass_stored();
}

void SequenceWindow::release(std::uint32_t sequence) {
  if (sequence < floor_) return;
  const std::uint32_t index = sequence - floor_;
  if (index >= kSequenceWindowSize || bit(stored_, index)) return;
  clear_bit(received_, index);
}

Acknowledgement SequenceWindow::acknowledgement() const { return {floor_, word_at(stored_, 1)}; }

void SequenceWindow::save(ByteWriter& out) const {
  out.u32(floor_);
  for (const std::uint32_t word : stored_) out.u32(word);
}

void SequenceWindow::load(ByteReader& in) {
  floor_ = in.u32();
  for (std::uint32_t& word : stored_) word = in.u32();
  received_ = stored_;
  pass_stored();
}

void SequenceWindow::advance_to(std::uint32_t floor) {
  if (floor <= floor_) return;
  drop_front(received_, floor - floor_);
  drop_front(stored_, floor - floor_);
  floor_ = floor;
  pass_stored();
}

void SequenceWindow::pass_stored() {
  const std::uint32_t most = std::min(kSequenceWindowSize, UINT32_MAX - floor_);
  std::uint32_t count = 0;
  while (count < most && bit(stored_, count)) ++count;
  if (count == 0) return;
  drop_front(received_, count);
  drop_front(stored_, count);
  floor_ += count;
}

}  // namespace espial::session
