#include "core/node/command_window.hpp"

#include <array>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"

namespace espial::node {
namespace {

constexpr std::uint8_t kRecordVersion = 1;
constexpr std::uint64_t kOutcomeMask = 3;

}  // namespace

void CommandWindow::load(Settings& settings, ServerId server) {
  *this = {};
  server_ = server;
  std::array<std::uint8_t, kMaxSettingSize> record{};
  if (settings.load(SettingKey::kCommandWindow, record) != kRecordSize) return;
  ByteReader reader(record);
  if (reader.u8() != kRecordVersion || reader.u8() != server.value) return;
  (void)reader.u16();
  highest_ = reader.u32();
  done_ = reader.u32();
  outcomes_ = reader.u64();
  any_ = done_ != 0;
}

bool CommandWindow::reset(Settings& settings) {
  const CommandWindow before = *this;
  *this = {};
  server_ = before.server_;
  if (!before.any_ || save(settings)) return true;
  *this = before;
  return false;
}

CommandWindow::Verdict CommandWindow::check(std::uint32_t command) const {
  if (!any_ || command > highest_) return Verdict::kNew;
  const std::uint32_t behind = highest_ - command;
  if (behind >= kCommandWindowSize) return Verdict::kTooOld;
  return (done_ >> behind & 1U) != 0 ? Verdict::kEnded : Verdict::kNew;
}

wire::Outcome CommandWindow::outcome(std::uint32_t command) const {
  const std::uint32_t behind = highest_ - command;
  if (behind >= kCommandWindowSize) return wire::Outcome::kRefused;
  return static_cast<wire::Outcome>(outcomes_ >> (2 * behind) & kOutcomeMask);
}

bool CommandWindow::begin(Settings& settings, std::uint32_t command, wire::Outcome outcome) {
  const CommandWindow before = *this;
  set(command, outcome);
  if (save(settings)) return true;
  *this = before;
  return false;
}

bool CommandWindow::amend(Settings& settings, std::uint32_t command, wire::Outcome outcome) {
  if (check(command) != Verdict::kEnded) return false;
  set(command, outcome);
  return save(settings);
}

void CommandWindow::set(std::uint32_t command, wire::Outcome outcome) {
  if (!any_) {
    any_ = true;
    highest_ = command;
  } else if (command > highest_) {
    const std::uint32_t step = command - highest_;
    done_ = step < kCommandWindowSize ? done_ << step : 0;
    outcomes_ = step < kCommandWindowSize ? outcomes_ << (2 * step) : 0;
    highest_ = command;
  }
  const std::uint32_t behind = highest_ - command;
  if (behind >= kCommandWindowSize) return;
  done_ |= 1U << behind;
  outcomes_ &= ~(kOutcomeMask << (2 * behind));
  outcomes_ |= static_cast<std::uint64_t>(outcome) << (2 * behind);
}

bool CommandWindow::save(Settings& settings) const {
  std::array<std::uint8_t, kRecordSize> record{};
  ByteWriter writer(record);
  writer.u8(kRecordVersion).u8(server_.value).u16(0);
  writer.u32(highest_).u32(done_).u64(outcomes_).u32(0);
  return settings.save(SettingKey::kCommandWindow, writer.written());
}

}  // namespace espial::node
