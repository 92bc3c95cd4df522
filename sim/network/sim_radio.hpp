#pragma once

#include "core/port/radio.hpp"
#include "sim/network/scene.hpp"

namespace espial::sim {

/// The Radio port of a simulated device.
class SimRadio final : public Radio {
 public:
  SimRadio(Scene& scene, const RadioSettings& settings)
      : scene_(scene), settings_(settings), id_(*scene.air.add_radio(scene.now, settings)) {}

  [[nodiscard]] bool send(const MacAddress& destination, ByteView body) override {
    return scene_.air.transmit(scene_.now, id_, destination, body) == Air::SendResult::kOk;
  }
  void set_channel(Channel channel) override { scene_.air.tune(scene_.now, id_, channel); }
  Channel channel() const override { return scene_.air.channel(id_); }
  MacAddress address() const override { return settings_.address; }
  std::size_t max_body_size() const override { return settings_.max_body_size; }

  RadioId id() const { return id_; }
  void set_powered(bool powered) { scene_.air.set_powered(scene_.now, id_, powered); }

 private:
  Scene& scene_;
  RadioSettings settings_;
  RadioId id_;
};

}  // namespace espial::sim
