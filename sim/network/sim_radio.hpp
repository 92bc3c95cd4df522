#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/port/radio.hpp"
#include "sim/heap_watch.hpp"
#include "sim/network/charged_crypto.hpp"
#include "sim/network/scene.hpp"

namespace espial::sim {

/// The Radio port of a simulated device. With `peer_slots` it sends, as a chip, to those peers only
/// that have a place in its table.
class SimRadio : public Radio {
 public:
  SimRadio(Scene& scene, const RadioSettings& settings, std::size_t peer_slots = 0)
      : scene_(scene),
        settings_(settings),
        peer_slots_(peer_slots),
        id_(*scene.air.add_radio(scene.now, settings)) {}

  [[nodiscard]] bool send(const MacAddress& destination, ByteView body) override {
    const OutsideCore port;
    if (peer_slots_ > 0 && !is_peer(destination)) return false;
    const Instant ready = std::max(scene_.now, processor_ ? processor_->busy_until() : Instant{});
    if (ready > scene_.now) ++waits_;
    return scene_.air.transmit(ready, id_, destination, body) == Air::SendResult::kOk;
  }
  [[nodiscard]] bool add_peer(const MacAddress& destination) override {
    const OutsideCore port;
    if (peer_slots_ == 0 || is_peer(destination)) return true;
    if (peers_.size() == peer_slots_) return false;
    peers_.push_back(destination);
    return true;
  }
  void remove_peer(const MacAddress& destination) override {
    peers_.erase(std::remove(peers_.begin(), peers_.end(), destination), peers_.end());
  }
  void set_channel(Channel channel) override {
    const OutsideCore port;
    scene_.air.tune(scene_.now, id_, channel);
  }
  Channel channel() const override { return scene_.air.channel(id_); }
  MacAddress address() const override { return settings_.address; }
  std::size_t max_body_size() const override { return settings_.max_body_size; }

  RadioId id() const { return id_; }
  /// A frame goes out when `processor`, which must outlive the radio, is free.
  void set_processor(const ChargedCrypto& processor) { processor_ = &processor; }
  /// How many frames waited for it.
  std::uint64_t waits() const { return waits_; }
  void set_powered(bool powered) {
    peers_.clear();
    scene_.air.set_powered(scene_.now, id_, powered);
  }

 private:
  bool is_peer(const MacAddress& mac) const {
    return std::find(peers_.begin(), peers_.end(), mac) != peers_.end();
  }

  Scene& scene_;
  RadioSettings settings_;
  const ChargedCrypto* processor_ = nullptr;
  std::uint64_t waits_ = 0;
  std::size_t peer_slots_;
  std::vector<MacAddress> peers_;
  RadioId id_;
};

}  // namespace espial::sim
