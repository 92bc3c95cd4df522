#include "core/transfer/long_sender.hpp"

#include <algorithm>

#include "core/base/byte_writer.hpp"
#include "core/link/backoff.hpp"
#include "core/session/sequence_window.hpp"
#include "core/wire/acknowledgement.hpp"

namespace espial::transfer {
namespace {

/// A FRAGMENT whose bytes are still where they come from.
struct PulledPart {
  wire::Fragment head;  ///< without its bytes
  std::size_t size;
  LongSource& source;
};

std::size_t encode(const PulledPart& part, MutableByteView out) {
  const std::size_t head = wire::encode_head(part.head, part.size, out);
  if (head == 0) return 0;
  part.source.read(part.head.offset, {out.data() + head, part.size});
  return head + part.size;
}

}  // namespace

void LongSender::begin(Instant now, std::uint16_t number, std::uint32_t total, std::uint16_t unit,
                       std::uint32_t window) {
  const bool newer = static_cast<std::int16_t>(number - message_) > 0;
  message_ = numbered_ && !newer ? static_cast<std::uint16_t>(message_ + 1) : number;
  numbered_ = true;
  total_ = total;
  // Of a packet in one part the receiver sees no other size than the part's own.
  unit_ = static_cast<std::uint16_t>(std::min<std::uint32_t>(unit, total));
  parts_ = (total + unit_ - 1) / unit_;
  window_ = std::min(window, kSendWindow);
  floor_ = bitmap_ = 0;
  frames_.fill(0);
  heard_ = false;
  silences_ = refusals_ = forgotten_ = 0;
  ready_at_ = now;
  retry_at_ = kNever;
}

std::uint32_t LongSender::window_end() const {
  const std::uint32_t window = heard_ ? window_ : std::min(window_, kFirstSendWindow);
  return std::min(floor_ + window, parts_);
}

bool LongSender::arrived(std::uint32_t part) const {
  return part > floor_ && ((bitmap_ >> (part - floor_ - 1)) & 1U) != 0;
}

std::optional<std::uint32_t> LongSender::next_part() const {
  for (std::uint32_t part = floor_; part < window_end(); ++part) {
    if (frame_of(part) == 0 && !arrived(part)) return part;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> LongSender::append(Instant now, Random& random, LongSource& source,
                                                std::uint32_t frame,
                                                wire::PacketsBuilder& packets) {
  if (!active() || now < ready_at_) return std::nullopt;
  const std::optional<std::uint32_t> part = next_part();
  if (!part) return std::nullopt;
  wire::Fragment head;
  head.message = message_;
  head.offset = *part * unit_;
  head.total = total_;
  const std::size_t size = std::min<std::size_t>(unit_, total_ - head.offset);
  if (!packets.append(PulledPart{head, size, source})) return std::nullopt;
  frame_of(*part) = frame;
  retry_at_ = now + timeout(random);
  return part;
}

void LongSender::failed(Instant now, std::uint32_t frame) {
  for (std::uint32_t& sent_in : frames_) {
    if (sent_in != frame || frame == 0) continue;
    sent_in = 0;
    ready_at_ = std::max(ready_at_, now);
  }
}

void LongSender::resend(Instant now) {
  frames_.fill(0);
  ready_at_ = std::max(ready_at_, now);
}

std::optional<LongEnd> LongSender::on_fragack(Instant now, Random& random,
                                              const wire::Fragack& said) {
  if (!active() || said.message != message_) return std::nullopt;
  switch (said.code) {
    case wire::FragackCode::kComplete:
      if (said.unit != unit_) return std::nullopt;
      return end(LongEnd::kComplete);
    case wire::FragackCode::kTooLong:
      return end(LongEnd::kTooLong);
    case wire::FragackCode::kBusy:
      return pause(now, random);
    case wire::FragackCode::kReceiving:
      break;
  }
  const std::uint32_t floor = session::restore_sequence(floor_, said.floor);
  if (said.unit != unit_ || floor >= parts_) return std::nullopt;
  heard_ = true;
  ready_at_ = std::min(ready_at_, now);
  if (floor >= floor_) {
    take(now, random, floor, said.bitmap);
    return std::nullopt;
  }
  // An answer that was overtaken by a later one; unless nothing else is heard any more.
  return silences_ == 0 ? std::nullopt : begin_again(floor, said.bitmap);
}

/// What was sent before something that has arrived, and has not arrived itself, is lost.
void LongSender::take(Instant now, Random& random, std::uint32_t floor, std::uint32_t bitmap) {
  const std::uint32_t end_of_sent = window_end();
  std::uint32_t latest = 0;
  bool progress = false;
  for (std::uint32_t part = floor_; part < end_of_sent; ++part) {
    const bool has = part < floor || (part > floor && part - floor <= wire::kBitmapBits &&
                                      ((bitmap >> (part - floor - 1)) & 1U) != 0);
    if (!has) continue;
    latest = std::max(latest, frame_of(part));
    progress = progress || !arrived(part);
  }
  for (std::uint32_t part = floor_; part < floor && part < end_of_sent; ++part) frame_of(part) = 0;
  floor_ = floor;
  bitmap_ = bitmap;
  for (std::uint32_t part = floor_; part < end_of_sent; ++part) {
    if (!arrived(part) && frame_of(part) < latest) frame_of(part) = 0;
  }
  if (progress) {
    silences_ = 0;
    retry_at_ = now + timeout(random);
  }
}

/// The receiver had more than it has now: it gave its buffer to others, or was restarted.
std::optional<LongEnd> LongSender::begin_again(std::uint32_t floor, std::uint32_t bitmap) {
  if (++forgotten_ > kForgottenTries) return end(LongEnd::kGivenUp);
  frames_.fill(0);
  floor_ = floor;
  bitmap_ = bitmap;
  return std::nullopt;
}

std::optional<LongEnd> LongSender::pause(Instant now, Random& random) {
  if (now < ready_at_) return std::nullopt;
  if (++refusals_ > kBusyTries) return end(LongEnd::kBusy);
  frames_.fill(0);
  floor_ = bitmap_ = 0;
  heard_ = false;
  silences_ = 0;
  ready_at_ = now + link::with_jitter(random, kBusyPause);
  retry_at_ = kNever;
  return std::nullopt;
}

std::optional<LongEnd> LongSender::on_timer(Instant now) {
  if (!active() || now < retry_at_) return std::nullopt;
  if (++silences_ >= kPartTries) return end(LongEnd::kGivenUp);
  retry_at_ = kNever;
  frame_of(floor_) = 0;
  ready_at_ = now;
  return std::nullopt;
}

std::optional<LongEnd> LongSender::end(LongEnd how) {
  stop();
  return how;
}

Instant LongSender::send_at() const {
  return active() && next_part().has_value() ? ready_at_ : kNever;
}

Duration LongSender::timeout(Random& random) const {
  const Duration doubled = kPartTimeout * (std::int64_t{1} << silences_);
  return link::with_jitter(random, std::min(doubled, kMaxPartTimeout));
}

}  // namespace espial::transfer
