#include "sim/network/s0_neighbour.hpp"

#include <algorithm>
#include <cmath>

namespace espial::sim {
namespace {

constexpr std::uint8_t kServerNumber = kSimServer.value + 1;
constexpr MacAddress kStation{{0x02, 0x51, 0, 0, 0, 0}};
constexpr MacAddress kSoftAp{{0x02, 0x51, 0, 0, 0, 1}};
/// How often people look, and set again what they don't see. Where that stays so, or no temperature
/// comes for so long, they have the board start again: nothing in an answer of S0's shows that one
/// of its functions was garbled.
constexpr Duration kLookAgain = Duration::seconds(2);
constexpr Duration kPatience = Duration::seconds(60);

/// The numbers of functions in S0's configuration are its own.
constexpr std::uint8_t kFirstFunction = 11;
constexpr std::array<std::uint8_t, S0Board::kSlots> kTypes{s0::kThermostat, s0::kThermometer,
                                                           s0::kRelay};
constexpr std::uint8_t function_of(std::uint8_t slot) {
  return static_cast<std::uint8_t>(kFirstFunction + slot);
}
/// Every third board is no relay in this house.
constexpr bool has_relay(std::size_t board) { return board % 3 != 2; }

/// What is no number a server shows is none that anybody wishes.
std::uint8_t whole(float value) {
  return value >= 0 && value <= 200 ? static_cast<std::uint8_t>(value) : std::uint8_t{255};
}
std::int16_t centi(float celsius) {
  return std::abs(celsius) < 300 ? static_cast<std::int16_t>(std::lround(celsius * 100))
                                 : std::int16_t{INT16_MIN};
}

RadioSettings radio_settings(const S0NeighbourSettings& settings) {
  RadioSettings radio;
  radio.address = kStation;
  radio.second_address = kSoftAp;
  radio.channel = settings.channel;
  radio.position = settings.position;
  return radio;
}

}  // namespace

S0Neighbour::S0Neighbour(Scene& scene, const S0NeighbourSettings& settings,
                         std::uint32_t first_module)
    : scene_(scene),
      settings_(settings),
      random_(settings.seed),
      radio_(scene, radio_settings(settings)),
      wishes_(settings.boards.size(), Wishes{{}, scene.now + kPatience}),
      next_wish_(scene.now + settings.wish_interval),
      next_look_(scene.now + kLookAgain) {
  std::uint32_t number = 0;
  for (const S0BoardSettings& board : settings.boards) {
    boards_.emplace_back(scene, ServerId{kServerNumber}, number, first_module + number, board);
    ++number;
  }
  switch_server_on();
  for (S0Board& board : boards_) board.switch_on();
}

/// Its slots are in another order than the boards' functions, and not all of them are used.
s0::Server::Settings S0Neighbour::server_settings() const {
  s0::Server::Settings settings;
  settings.server = kServerNumber;
  settings.softap = kSoftAp;
  for (std::size_t i = 0; i < boards_.size(); ++i) {
    auto& slots = settings.modules[boards_[i].module().value];
    slots = {{function_of(S0Board::kThermometerSlot), s0::kThermometer, 0},
             {},
             {function_of(S0Board::kThermostatSlot), s0::kThermostat, 4}};
    if (has_relay(i)) slots.push_back({function_of(S0Board::kRelaySlot), s0::kRelay, 0});
  }
  return settings;
}

void S0Neighbour::switch_server_on() {
  radio_.set_powered(true);
  server_.emplace(server_settings(), radio_);
  looked_at_ = 0;
}

std::vector<RadioId> S0Neighbour::radios() const {
  std::vector<RadioId> radios{radio_.id()};
  for (const S0Board& board : boards_) radios.push_back(board.radio());
  return radios;
}

S0Board* S0Neighbour::board_of(RadioId radio) {
  const auto found = std::find_if(boards_.begin(), boards_.end(), [&](const S0Board& board) {
    return board.radio().value == radio.value;
  });
  return found == boards_.end() ? nullptr : &*found;
}

void S0Neighbour::on_frame(RadioId radio, const ReceivedFrame& frame) {
  if (S0Board* const board = board_of(radio)) return board->on_frame(frame);
  if (!server_) return;
  server_->on_frame(frame);
  look_at_heard();
}

void S0Neighbour::on_sent(RadioId radio, bool acknowledged) {
  if (S0Board* const board = board_of(radio)) return board->on_sent(acknowledged);
  if (server_) server_->on_sent();
}

void S0Neighbour::on_timer() {
  for (S0Board& board : boards_) {
    if (board.next_timer() <= scene_.now) board.on_timer();
  }
  if (next_wish_ <= scene_.now) wish();
  if (next_look_ > scene_.now) return;
  next_look_ = scene_.now + kLookAgain;
  for (std::size_t board = 0; board < boards_.size(); ++board) look_after(board);
}

Instant S0Neighbour::next_timer() const {
  Instant next = std::min(next_wish_, next_look_);
  for (const S0Board& board : boards_) next = std::min(next, board.next_timer());
  return std::max(next, scene_.now);
}

void S0Neighbour::look_at_heard() {
  for (; looked_at_ < server_->heard().size(); ++looked_at_) {
    const auto& [module, data] = server_->heard()[looked_at_];
    for (std::size_t board = 0; board < boards_.size(); ++board) {
      if (boards_[board].address() == module) look_at(board, data);
    }
  }
}

void S0Neighbour::look_at(std::size_t board, const s0::DataStruct& data) {
  const auto slot = static_cast<std::uint8_t>(data.function_id - kFirstFunction);
  if (slot >= S0Board::kSlots || data.function_type != kTypes[slot]) return;
  const bool relay = slot == S0Board::kRelaySlot;
  if (!relay) {
    scene_.watch.on_s0_reading(scene_.now, boards_[board].watched_as(), slot, centi(data.f1));
  }
  Wishes& wishes = wishes_[board];
  wishes.of[slot].shown = relay ? data.u1 : whole(data.f2);
  if (!relay && !wishes.open()) wishes.patience_ends = scene_.now + kPatience;
}

/// Somebody turns a knob, or looks who is there.
void S0Neighbour::wish() {
  const auto interval = static_cast<std::uint64_t>(settings_.wish_interval.us);
  next_wish_ = scene_.now + Duration{static_cast<std::int64_t>(random_.below(2 * interval) + 1)};
  const auto board = static_cast<std::size_t>(random_.below(boards_.size()));
  const auto number = static_cast<std::int32_t>(random_.below(1'000'000) + 1);
  const bool relay = random_.chance(500) && has_relay(board);
  const auto wanted = static_cast<std::uint8_t>(relay ? random_.below(2) : 10 + random_.below(20));
  if (random_.chance(300)) {
    if (server_) server_->ping(boards_[board].address(), number);
    return;
  }
  const auto slot = relay ? S0Board::kRelaySlot : S0Board::kThermostatSlot;
  wishes_[board].of[slot].wanted = wanted;
  scene_.watch.on_s0_told(scene_.now, boards_[board].watched_as(), slot, wanted);
  say(board, slot);
}

void S0Neighbour::look_after(std::size_t board) {
  for (const auto slot : {S0Board::kThermostatSlot, S0Board::kRelaySlot}) {
    if (wishes_[board].of[slot].open()) say(board, slot);
  }
  if (!server_ || wishes_[board].patience_ends > scene_.now) return;
  wishes_[board].patience_ends = scene_.now + kPatience;
  server_->reset(boards_[board].address());
}

void S0Neighbour::say(std::size_t board, S0Board::Slot slot) {
  if (!server_) return;
  s0::DataStruct set_points;
  set_points.type = s0::kSetPoints;
  set_points.function_id = function_of(slot);
  set_points.function_type = kTypes[slot];
  set_points.u1 = *wishes_[board].of[slot].wanted;
  server_->set_point(boards_[board].address(), set_points);
}

void S0Neighbour::trouble(std::uint64_t draw) {
  SplitMix random(draw);
  S0Board& board = boards_[random.below(boards_.size())];
  switch (random.below(4)) {
    case 0:
      board.switch_off();
      return;
    case 1:
      if (server_) server_->reset(board.address());
      return;
    case 2:
      radio_.set_channel(Channel{static_cast<std::uint8_t>(1 + random.below(kChannelCount))});
      return;
    default:
      if (server_) echoes_ += server_->echoes();
      server_.reset();
      radio_.set_powered(false);
      return;
  }
}

void S0Neighbour::mend() {
  if (!server_) switch_server_on();
  for (S0Board& board : boards_) board.switch_on();
}

bool S0Neighbour::settled() const {
  return std::none_of(wishes_.begin(), wishes_.end(),
                      [](const Wishes& wishes) { return wishes.open(); });
}

std::uint64_t S0Neighbour::executed() const {
  std::uint64_t sum = 0;
  for (const S0Board& board : boards_) sum += board.executed();
  return sum;
}

}  // namespace espial::sim
