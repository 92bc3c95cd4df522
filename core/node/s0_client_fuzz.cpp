// A module of an S0 server, and then whatever bytes say: messages of anybody, ends of sends, time,
// readings. At the end, when every send succeeds, it must come to rest or go on searching.

#include "core/node/s0_client.hpp"

#include <algorithm>
#include <cstdlib>

namespace {

using namespace espial;
using namespace espial::node;

constexpr MacAddress kOwn{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress kServerAddress{{2, 0, 0, 0, 1, 1}};

void require(bool holds) {
  if (!holds) std::abort();
}

class Board final : public Radio, public Settings, public Application {
 public:
  bool send(const MacAddress&, ByteView body) override {
    if (busy) return false;
    require(s0::peek_type(body).has_value() && body[0] != 2 && body[0] != 4);
    busy = true;
    return true;
  }
  void set_channel(Channel channel) override {
    require(channel.valid());
    channel_ = channel;
  }
  Channel channel() const override { return channel_; }
  MacAddress address() const override { return kOwn; }
  std::size_t max_body_size() const override { return kMaxBodyV1; }
  std::size_t load(SettingKey, MutableByteView) override { return 0; }
  bool save(SettingKey, ByteView) override { return false; }
  wire::Outcome execute(Instant, const wire::Reading& command) override {
    require(command.slot < kSlotCount && !command.value.empty());
    return wire::Outcome::kExecuted;
  }

  bool busy = false;

 private:
  Channel channel_{1};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Board board;
  S0Config config;
  config.server = ServerId{7};
  config.module = ModuleId{3};
  for (std::uint8_t slot = 0; slot < kSlotCount; ++slot) {
    const auto kind = static_cast<std::uint8_t>(slot < 5 ? slot : 187 + slot);
    (void)config.functions.push_back({slot, kind, true, true});
  }
  S0Client client(config, {board, board, board});
  Instant now{1'000'000};
  client.start(now);
  ByteView input(data, size);
  const auto take = [&input](std::size_t count) {
    const ByteView taken = input.subview(0, count);
    input = input.subview(taken.size());
    return taken;
  };
  while (input.size() > 1) {
    const std::uint8_t what = take(1)[0];
    if (what % 8 == 0) {
      now = now + Duration::milliseconds(what * 4);
      client.on_timer(now);
    } else if (what % 8 == 1) {
      if (board.busy) {
        board.busy = false;
        client.on_sent(now, what > 64);
      }
    } else if (what % 8 == 2) {
      (void)client.report(now, take(what / 8U));
    } else {
      constexpr std::size_t kSizes[] = {46, 36, 36, 8, 2};
      const std::size_t type = what % 5;
      std::array<std::uint8_t, 46> body{static_cast<std::uint8_t>(type), 7, 7};
      const ByteView rest = take(kSizes[type] - (type == 0 ? 3 : 1));
      std::copy(rest.begin(), rest.end(), body.begin() + (type == 0 ? 3 : 1));
      ReceivedFrame frame;
      frame.source = kServerAddress;
      if (what > 128) frame.destination = kOwn;
      frame.channel = board.channel();
      frame.body = {body.data(), kSizes[type] + what / 250U};
      client.on_frame(now, frame);
    }
  }
  for (int i = 0; i < 200; ++i) {
    if (board.busy) {
      board.busy = false;
      client.on_sent(now, true);
    } else if (client.next_timer() != kNever) {
      now = std::max(now, client.next_timer());
      client.on_timer(now);
    } else {
      require(client.state() == NodeState::kOnline);
      return 0;
    }
  }
  require(client.state() != NodeState::kOnline);
  return 0;
}
