#include "core/wire/refusal.hpp"

namespace espial::wire {

std::string_view to_text(Refusal refusal) {
  switch (refusal) {
    case Refusal::kNone:
      return "none";
    case Refusal::kTooShort:
      return "too_short";
    case Refusal::kNotOurs:
      return "not_ours";
    case Refusal::kBadLength:
      return "bad_length";
    case Refusal::kNotCanonical:
      return "not_canonical";
    case Refusal::kBadVersion:
      return "bad_version";
    case Refusal::kBadValue:
      return "bad_value";
  }
  return "none";
}

}  // namespace espial::wire
