#pragma once

#include <vector>

#include "core/coordinator/s0_server.hpp"
#include "sim/network/scene.hpp"

namespace espial::sim {

/// S0's server in the hub, beside the coordinator: knows what its modules are, and tells whoever
/// watches what they say. With the hub's power it forgets who has paired.
class HubS0 final : private coordinator::S0Directory, private coordinator::S0Events {
 public:
  HubS0(Scene& scene, std::size_t modules, coordinator::Downlink& downlink);

  void on_uplink(Instant now, const coordinator::UplinkFrame& frame) {
    server_.on_uplink(now, frame);
  }
  void on_timer(Instant now) {
    if (server_.next_timer() <= now) server_.on_timer(now);
  }
  Instant next_timer() { return server_.next_timer(); }

 private:
  coordinator::S0Admission admit(const MacAddress& mac, ModuleId module) override;
  espial::s0::Functions functions_of(ModuleId module) override;
  void on_paired(const MacAddress&, ModuleId, const espial::s0::Functions&) override {}
  void on_heard(const MacAddress&, const MacAddress&, std::optional<std::int8_t>) override {}
  void on_online(const MacAddress&, bool) override {}
  void on_reading(const coordinator::S0Reading& reading) override;
  void on_command_ended(const MacAddress&, std::uint32_t, coordinator::CommandState) override {}
  void on_refused(const MacAddress&, ModuleId, coordinator::S0Refusal) override {}

  Scene& scene_;
  std::vector<coordinator::S0Module> modules_;
  coordinator::S0Server server_;
};

}  // namespace espial::sim
