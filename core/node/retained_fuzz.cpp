// Retained memory of any bytes: a node that boots from it goes on as if it had found nothing, or
// with what is sane. The first byte says how it was reset; the rest is the memory, once as it is
// and once with right checks in front of it, so that what lies behind them is reached.

#include <cstddef>
#include <cstdint>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"
#include "core/node/scripted_coordinator_test.hpp"
#include "sim/memory_retained.hpp"

namespace espial::node {
namespace {

constexpr std::size_t kMemorySize = retained_size(4, 20);
constexpr int kSteps = 64;

void boot(RetainedMemory& memory, std::uint8_t how) {
  ScriptedCoordinator peer;
  CountingRandom random;
  ScriptedRadio radio;
  ScriptedSettings settings;
  ScriptedApplication application;
  Storage<4, 20> storage;
  Retention retention(memory);
  Config config;
  config.server = ScriptedCoordinator::kServer;
  config.join_key.key = peer.network_key;
  config.always_listening = (how & 1U) != 0;
  config.reset_reason = static_cast<wire::ResetReason>(how % 6);
  Instant now{1'000'000};
  Ports ports{radio, peer.crypto, random, settings, application};
  ports.retention = &retention;
  Node node(config, ports, storage.memory(), now);
  const std::array<std::uint8_t, 3> reading{0x11, 4, 1};
  (void)node.report(now, wire::Stream::kReadings, true, reading);
  node.start(now);
  for (int step = 0; step < kSteps && node.next_timer() != kNever; ++step) {
    now = std::max(now, node.next_timer());
    node.on_timer(now);
    if (!radio.busy) continue;
    radio.busy = false;
    node.on_sent(now, step % 3 != 0);
  }
}

}  // namespace
}  // namespace espial::node

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial;
  using namespace espial::node;
  ByteReader input({data, size});
  const std::uint8_t how = input.u8();
  const ByteView bytes = input.bytes(std::min(input.left(), kMemorySize));

  sim::MemoryRetained raw(kMemorySize);
  raw.write(0, bytes);
  if ((how & 8U) != 0) raw.release(Duration::seconds(how));
  boot(raw, how);

  sim::MemoryRetained checked(kMemorySize);
  RetainedCopies copies(&checked);
  copies.begin();
  (void)copies.put(bytes.subview(0, copies.capacity()));
  copies.commit();
  if ((how & 8U) != 0) checked.release(Duration::seconds(how));
  boot(checked, how);
  return 0;
}
