#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"

namespace espial::coordinator {

/// Who may join with the network key. A node that is known joins with its own key only.
enum class JoinPolicy : std::uint8_t {
  kClosed,    ///< nobody new
  kWindow,    ///< anybody while the pairing window is open; else only those approved before
  kApproval,  ///< whoever a person says yes to
  kOpen,      ///< anybody at any time: for trials
};

/// New modules that wait for a yes, or have it and were not heard since; the oldest makes room.
inline constexpr std::size_t kMaxWaiting = 32;

/// Decides about modules that nobody knows yet.
class Admission {
 public:
  enum class Answer : std::uint8_t { kYes, kClosed, kWaiting, kNewlyWaiting };

  explicit Admission(JoinPolicy policy) : policy_(policy) {}

  Answer ask(Instant now, const MacAddress& mac);
  void open_window(Instant until) { open_until_ = until; }
  bool window_open(Instant now) const;
  /// @retval false  kMaxWaiting approvals wait already.
  [[nodiscard]] bool approve(const MacAddress& mac);
  /// It has joined: its approval is used up.
  void joined(const MacAddress& mac);

 private:
  struct Waiting {
    MacAddress mac;
    bool used = false;
    bool approved = false;
    std::uint32_t age = 0;  ///< counts up with every new entry
  };

  Waiting* find(const MacAddress& mac);
  Waiting* make_room();

  JoinPolicy policy_;
  Instant open_until_{INT64_MIN};
  std::array<Waiting, kMaxWaiting> waiting_{};
  std::uint32_t next_age_ = 0;
};

}  // namespace espial::coordinator
