#include "core/base/bytes.hpp"

#include <algorithm>

namespace espial {

bool equal(ByteView left, ByteView right) {
  return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin());
}

}  // namespace espial
