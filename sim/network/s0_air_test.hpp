#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "core/port/radio.hpp"
#include "sim/air/air.hpp"

namespace espial::sim {

/// An air in virtual time with whoever a test puts into it.
class SmallAir final : private AirSink {
 public:
  /// A device: what it is called with, and when it wants to be.
  struct Device {
    std::function<void(const ReceivedFrame&)> on_frame;
    std::function<void(bool acknowledged)> on_sent;
    std::function<void()> on_timer = [] {};
    std::function<Instant()> next_timer = [] { return kNever; };
  };

  explicit SmallAir(const AirSettings& settings) : air_(settings) {}

  /// A radio without a device: nobody hears what it hears until attach().
  Radio& add_radio(const RadioSettings& settings) {
    places_.push_back(std::make_unique<Place>(*this, settings));
    return *places_.back();
  }
  void attach(Radio& radio, Device device) { static_cast<Place&>(radio).device = device; }
  void set_powered(Radio& radio, bool powered) {
    air_.set_powered(now, static_cast<Place&>(radio).id, powered);
  }
  /// Something that happens beside the air.
  void add(Device device) { others_.push_back(std::move(device)); }

  template <typename Predicate>
  [[nodiscard]] bool run_until(Duration limit, Predicate done) {
    const Instant end = now + limit;
    while (!done()) {
      if (!step(end)) return done();
    }
    return true;
  }
  void run_for(Duration span) {
    const Instant end = now + span;
    while (step(end)) {
    }
  }

  Instant now;
  Air& air() { return air_; }

 private:
  struct Place final : Radio {
    Place(SmallAir& owner, const RadioSettings& radio)
        : world(owner), settings(radio), id(*owner.air_.add_radio(owner.now, radio)) {}
    [[nodiscard]] bool send(const MacAddress& destination, ByteView body) override {
      return world.air_.transmit(world.now, id, destination, body) == Air::SendResult::kOk;
    }
    void set_channel(Channel channel) override { world.air_.tune(world.now, id, channel); }
    Channel channel() const override { return world.air_.channel(id); }
    MacAddress address() const override { return settings.address; }
    std::size_t max_body_size() const override { return settings.max_body_size; }

    SmallAir& world;
    RadioSettings settings;
    RadioId id;
    Device device;
  };

  Place* find(RadioId radio) {
    const auto found = std::find_if(places_.begin(), places_.end(),
                                    [&](const auto& place) { return place->id == radio; });
    return found == places_.end() ? nullptr : found->get();
  }
  void on_delivery(Instant, RadioId receiver, const ReceivedFrame& frame) override {
    Place* const place = find(receiver);
    if (place != nullptr && place->device.on_frame) place->device.on_frame(frame);
  }
  void on_sent(Instant, RadioId sender, bool acknowledged) override {
    Place* const place = find(sender);
    if (place != nullptr && place->device.on_sent) place->device.on_sent(acknowledged);
  }

  template <typename F>
  void for_each(F&& f) {
    for (const auto& place : places_) f(place->device);
    for (const Device& device : others_) f(device);
  }

  bool step(Instant end) {
    Instant next = air_.next_event();
    for_each([&](const Device& device) { next = std::min(next, device.next_timer()); });
    if (next > end) {
      now = end;
      return false;
    }
    now = std::max(now, next);
    air_.advance(now, *this);
    for_each([&](const Device& device) {
      if (device.next_timer() <= now) device.on_timer();
    });
    return true;
  }

  Air air_;
  std::vector<std::unique_ptr<Place>> places_;
  std::vector<Device> others_;
};

}  // namespace espial::sim
