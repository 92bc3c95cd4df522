#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/span.hpp"
#include "core/base/time.hpp"

namespace espial::coordinator {

/// Who may join with the network key. A node that is known joins with its own key only, and one
/// with a label key always may.
enum class JoinPolicy : std::uint8_t {
  kClosed,    ///< nobody new but those who are listed
  kWindow,    ///< the listed; and anybody while the pairing window is open
  kApproval,  ///< the listed; the others wait until a person says yes or no
  kOpen,      ///< anybody at any time: for trials
};

/// "closed", "window", "approval" or "open".
std::string_view to_text(JoinPolicy policy);

/// By short name: whoever asks for it may join.
using ModuleList = std::array<bool, 256>;

/// What a person has said of a module that is not known yet.
enum class Verdict : std::uint8_t { kNone, kApproved, kRefused };

/// New modules that wait for a word, or got it and were not heard since. The oldest that waits
/// makes room, then the oldest that was refused; what was approved stays.
inline constexpr std::size_t kMaxWaiting = 32;

/// Decides about modules that nobody knows yet.
class Admission {
 public:
  enum class Answer : std::uint8_t { kYes, kClosed, kRefused, kWaiting, kNewlyWaiting };

  /// A module that asked, or was spoken of.
  struct Entry {
    MacAddress mac;
    bool used = false;
    Verdict verdict = Verdict::kNone;
    ModuleId wanted;        ///< the short name it asked for last, 0 = any
    std::uint32_t age = 0;  ///< counts up with every new entry
  };

  explicit Admission(JoinPolicy policy) : policy_(policy) {}

  Answer ask(Instant now, const MacAddress& mac, ModuleId wanted);
  void set_policy(JoinPolicy policy) { policy_ = policy; }
  JoinPolicy policy() const { return policy_; }
  /// Modules that ask for one of these short names may join.
  void set_listed(const ModuleList& modules) { listed_ = modules; }
  void open_window(Instant until) { open_until_ = until; }
  bool window_open(Instant now) const { return now < open_until_; }
  /// Also before it asks; kNone takes an earlier word back.
  /// @retval false  kMaxWaiting approvals wait already.
  [[nodiscard]] bool judge(const MacAddress& mac, Verdict verdict);
  /// It has joined: what was said of it is used up.
  void joined(const MacAddress& mac);

  /// Everybody who waits or was judged, in no order; only those that are `used`.
  Span<const Entry> entries() const { return {entries_.data(), entries_.size()}; }

 private:
  Entry* find(const MacAddress& mac);
  Entry* make_room();

  JoinPolicy policy_;
  ModuleList listed_{};
  Instant open_until_{INT64_MIN};
  std::array<Entry, kMaxWaiting> entries_{};
  std::uint32_t next_age_ = 0;
};

}  // namespace espial::coordinator
