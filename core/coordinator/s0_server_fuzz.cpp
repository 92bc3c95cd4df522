// S0's server with a few modules, and then whatever bytes say: messages of anybody, commands, time.
// At the end everybody must come to rest: offline, and every command over.

#include "core/coordinator/s0_server.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "core/wire/s0_function.hpp"

namespace {

using namespace espial;
using namespace espial::coordinator;

constexpr ServerId kServer{7};

void require(bool holds) {
  if (!holds) std::abort();
}

class World final : public Downlink, public S0Directory, public S0Events {
 public:
  void send(ServerId, const MacAddress& gateway, const MacAddress&, DownClass down_class,
            ByteView body, std::uint32_t, std::uint32_t) override {
    require(gateway != MacAddress{} && down_class == DownClass::kAuth);
    require(s0::peek_type(body).has_value() && body[0] != 1);
  }
  S0Admission admit(const MacAddress& mac, ModuleId module) override {
    return mac.octets[5] == 7 || module.value > 200 ? S0Admission::kModuleTaken
                                                    : S0Admission::kWelcome;
  }
  s0::Functions functions_of(ModuleId module) override {
    s0::Functions functions{};
    for (std::uint8_t slot = 0; slot < 4; ++slot) {
      functions[slot] = {slot, static_cast<std::uint8_t>((module.value + slot) % 5), 0};
    }
    return functions;
  }
  void on_paired(const MacAddress&, ModuleId, const s0::Functions&) override {}
  void on_heard(const MacAddress&, const MacAddress&, std::optional<std::int8_t>) override {}
  void on_online(const MacAddress& mac, bool online) override {
    require(online ? online_.insert(mac).second : online_.erase(mac) == 1);
  }
  void on_reading(const S0Reading& reading) override {
    require(reading.slot < kSlotCount && reading.kind != 0 && !reading.value.empty());
  }
  void on_command_ended(const MacAddress&, std::uint32_t id, CommandState state) override {
    require(state != CommandState::kQueued && open_.erase(id) == 1);
  }
  void on_refused(const MacAddress&, ModuleId, S0Refusal reason) override {
    require(!to_text(reason).empty());
  }

  void step(ByteView& input) {
    const std::uint8_t what = take(input);
    const MacAddress mac{{2, 0, 0, 0, 0, static_cast<std::uint8_t>(take(input) % 8)}};
    if (what % 8 == 0) {
      now_ = now_ + Duration::milliseconds(take(input) * 64);
      server_.on_timer(now_);
    } else if (what % 8 == 1) {
      const std::uint8_t slot = take(input) % 13;
      const ByteView value = take(input, take(input) % 27);
      const auto status = server_.command(now_, mac, slot, value, ++last_id_,
                                          now_ + Duration::seconds(20), what > 128);
      if (status == S0CommandStatus::kOk) open_.insert(last_id_);
    } else if (what % 8 == 2) {
      (void)server_.reset(mac);
      server_.on_configured(ModuleId{take(input)});
    } else {
      constexpr std::size_t kSizes[] = {46, 36, 36, 8, 2};
      const std::size_t type = what % 5;
      std::array<std::uint8_t, 46> body{static_cast<std::uint8_t>(type), kServer.value};
      const ByteView rest = take(input, kSizes[type] - 1);
      std::copy(rest.begin(), rest.end(), body.begin() + 1);
      hear(mac, {body.data(), kSizes[type] + what / 250U});
    }
  }

  void come_to_rest() {
    for (int i = 0; i < 10'000 && server_.next_timer() != kNever; ++i) {
      now_ = std::max(now_, server_.next_timer());
      server_.on_timer(now_);
    }
    require(server_.next_timer() == kNever && open_.empty() && online_.empty());
  }

 private:
  static std::uint8_t take(ByteView& input) {
    const ByteView one = take(input, 1);
    return one.empty() ? std::uint8_t{0} : one[0];
  }
  static ByteView take(ByteView& input, std::size_t count) {
    const ByteView taken = input.subview(0, count);
    input = input.subview(taken.size());
    return taken;
  }
  void hear(const MacAddress& mac, ByteView body) {
    UplinkFrame frame;
    frame.server = kServer;
    frame.gateway = MacAddress{{2, 0, 0, 0, 1, 1}};
    frame.mac = mac;
    frame.body = body;
    frame.channel = Channel{6};
    server_.on_uplink(now_, frame);
  }

  std::array<S0Module, 4> modules_;
  std::array<S0Command, 6> commands_;
  S0Server server_{kServer, {modules_, commands_}, {*this, *this, *this}};
  std::set<MacAddress> online_;
  std::set<std::uint32_t> open_;
  std::uint32_t last_id_ = 0;
  Instant now_{1'000'000};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world;
  ByteView input(data, size);
  while (!input.empty()) world.step(input);
  world.come_to_rest();
  return 0;
}
