#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/base/time.hpp"

namespace espial::sim {

/// Who is to be woken when. Every actor has one place, which it may change at any time; of several
/// due at one instant the one with the lowest number goes first, so a run never depends on chance.
///
/// A binary heap of actors with the place of each on record: set() and next() take the logarithm of
/// the number of actors, and nothing is allocated after the constructor.
class Agenda {
 public:
  explicit Agenda(std::size_t actors) : at_(actors, kNever), place_(actors), heap_(actors) {
    for (std::uint32_t actor = 0; actor < actors; ++actor) heap_[actor] = place_[actor] = actor;
  }

  /// `actor` is due at `at`; kNever: not at all.
  void set(std::uint32_t actor, Instant at) {
    if (at_[actor] == at) return;
    const bool is_earlier = at < at_[actor];
    at_[actor] = at;
    is_earlier ? rise(place_[actor]) : sink(place_[actor]);
  }

  Instant at(std::uint32_t actor) const { return at_[actor]; }
  /// Who is due first, and when. There is at least one actor.
  std::uint32_t next() const { return heap_.front(); }
  Instant next_at() const { return at_[heap_.front()]; }
  /// Who is due after that one; where there is but one, that one.
  std::uint32_t second() const {
    if (heap_.size() < 3) return heap_.back();
    return before(heap_[2], heap_[1]) ? heap_[2] : heap_[1];
  }

 private:
  bool before(std::uint32_t a, std::uint32_t b) const {
    return at_[a] < at_[b] || (at_[a] == at_[b] && a < b);
  }

  void put(std::size_t place, std::uint32_t actor) {
    heap_[place] = actor;
    place_[actor] = static_cast<std::uint32_t>(place);
  }

  void rise(std::size_t place) {
    const std::uint32_t actor = heap_[place];
    while (place > 0 && before(actor, heap_[(place - 1) / 2])) {
      put(place, heap_[(place - 1) / 2]);
      place = (place - 1) / 2;
    }
    put(place, actor);
  }

  void sink(std::size_t place) {
    const std::uint32_t actor = heap_[place];
    for (std::size_t child = 2 * place + 1; child < heap_.size(); child = 2 * place + 1) {
      if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
      if (!before(heap_[child], actor)) break;
      put(place, heap_[child]);
      place = child;
    }
    put(place, actor);
  }

  std::vector<Instant> at_;           ///< by actor
  std::vector<std::uint32_t> place_;  ///< by actor: where it stands in `heap_`
  std::vector<std::uint32_t> heap_;
};

}  // namespace espial::sim
