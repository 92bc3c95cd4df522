#include "sim/heap_watch.hpp"

#include <new>

namespace espial::sim {

const char* HeapWatch::inside_ = nullptr;
const char* HeapWatch::first_ = nullptr;
std::uint64_t HeapWatch::requests_ = 0;

bool HeapWatch::counts() {
  const std::uint64_t requests = requests_;
  const char* const first = first_;
  {
    const InCore inside("a trial");
    ::operator delete(::operator new(1));
  }
  const bool counted = requests_ != requests;
  requests_ = requests;
  first_ = first;
  return counted;
}

}  // namespace espial::sim
