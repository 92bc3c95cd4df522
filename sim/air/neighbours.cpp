#include "sim/air/neighbours.hpp"

#include <algorithm>

namespace espial::sim {
namespace {

constexpr int kMostLossDb = kMaxTxPowerDbm - kFaintestDbm;

}  // namespace

void Neighbours::add(RadioIndex index, const MacAddress& mac,
                     const std::optional<Position>& position) {
  if (index >= places_.size()) {
    places_.resize(index + std::size_t{1});
    // Room for as many again, so that a thousand radios don't grow a thousand times.
    for (Place& every : places_) {
      if (every.losses.size() < places_.size()) every.losses.resize(2 * places_.size(), kDeaf);
    }
  }
  Place& place = places_[index];
  place.taken = true;
  place.mac = mac;
  place.position = position;
  connect(index);
}

void Neighbours::remove(RadioIndex index) {
  disconnect(index);
  places_[index].taken = false;
}

void Neighbours::move(RadioIndex index, const Position& position) {
  disconnect(index);
  places_[index].position = position;
  connect(index);
}

void Neighbours::connect(RadioIndex index) {
  Place& place = places_[index];
  for (std::size_t i = 0; i < places_.size(); ++i) {
    Place& other = places_[i];
    if (i == index || !other.taken) continue;
    const int loss_db = path_loss_db(propagation_, place.position, other.position) +
                        shadow_db(propagation_, seed_, place.mac, other.mac);
    if (loss_db > kMostLossDb) continue;
    const auto loss = static_cast<std::uint8_t>(std::max(loss_db, 0));
    place.losses[i] = other.losses[index] = loss;
  }
}

void Neighbours::disconnect(RadioIndex index) {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    places_[index].losses[i] = places_[i].losses[index] = kDeaf;
  }
}

}  // namespace espial::sim
