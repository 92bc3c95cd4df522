#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace espial::sim {

/// Values by key, for books that are looked up at every frame and never forget: all in one array,
/// so that a look-up costs one place in memory, however many there are. `Key` and `Value` begin as
/// `{}`. The standard's maps fetch a bucket and then a node, each from somewhere else.
template <typename Key, typename Value, typename Hash>
class DenseMap {
 public:
  std::size_t size() const { return size_; }

  /// Null where there is none. Valid until the next key is added.
  const Value* find(const Key& key) const {
    const Place& place = places_[place_of(key)];
    return place.taken ? &place.value : nullptr;
  }
  /// Added when there is none. Valid until the next key is added.
  Value& operator[](const Key& key) {
    std::size_t index = place_of(key);
    if (!places_[index].taken) {
      // A quarter stays free, so that runs of taken places stay short.
      if (4 * (size_ + 1) > 3 * places_.size()) {
        grow();
        index = place_of(key);
      }
      places_[index].key = key;
      places_[index].taken = true;
      ++size_;
    }
    return places_[index].value;
  }

 private:
  struct Place {
    Key key{};
    Value value{};
    bool taken = false;
  };

  /// Where `key` stands, or would.
  std::size_t place_of(const Key& key) const {
    std::size_t index = Hash{}(key) & (places_.size() - 1);
    while (places_[index].taken && !(places_[index].key == key)) {
      index = (index + 1) & (places_.size() - 1);
    }
    return index;
  }

  void grow() {
    std::vector<Place> before(2 * places_.size());
    before.swap(places_);
    for (Place& place : before) {
      if (place.taken) places_[place_of(place.key)] = std::move(place);
    }
  }

  std::vector<Place> places_ = std::vector<Place>(16);  ///< a power of two
  std::size_t size_ = 0;
};

}  // namespace espial::sim
