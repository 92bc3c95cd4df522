// The whole program's operator new, which tells HeapWatch. An object of its own: what is linked
// with it counts, everything else is as ever.

#include <cstdlib>
#include <new>

#include "sim/heap_watch.hpp"

namespace {

void* take(std::size_t size, std::size_t alignment) {
  espial::sim::HeapWatch::on_request();
  void* place = nullptr;
  if (alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
    place = std::malloc(size != 0 ? size : 1);
  } else {
    place = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  }
  if (place == nullptr) throw std::bad_alloc();
  return place;
}

}  // namespace

// The forms for arrays come to these.
void* operator new(std::size_t size) { return take(size, 0); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return take(size, static_cast<std::size_t>(alignment));
}
// It would come to the first as well, but for the address sanitizer, which has one of its own.
void* operator new(std::size_t size, const std::nothrow_t& quietly) noexcept {
  (void)quietly;
  espial::sim::HeapWatch::on_request();
  return std::malloc(size != 0 ? size : 1);
}
void operator delete(void* place) noexcept { std::free(place); }
void operator delete(void* place, std::size_t) noexcept { std::free(place); }
void operator delete(void* place, std::align_val_t) noexcept { std::free(place); }
void operator delete(void* place, std::size_t, std::align_val_t) noexcept { std::free(place); }
