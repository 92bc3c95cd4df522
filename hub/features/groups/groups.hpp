#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "station/problem.hpp"

namespace espial::groups {

inline constexpr std::size_t kMaxGroups = 256;
inline constexpr std::size_t kMaxMembers = 64;
/// Commands whose fate is remembered.
inline constexpr std::size_t kKeptCommands = 64;

/// One function of one module.
struct Member {
  MacAddress mac;
  std::uint8_t slot = 0;
  friend bool operator==(const Member& a, const Member& b) {
    return a.mac == b.mac && a.slot == b.slot;
  }
};
using Members = std::vector<Member>;

/// Reads {"members": [{"mac": "24:6f:..", "slot": 0}, ...]}; otherwise a sentence that says what to
/// write instead.
std::variant<Members, std::string> read_members(std::string_view json);
/// The same form; one line.
std::string write_members(const Members& members);

/// How a command to a group stands with one member.
enum class Fate : std::uint8_t { pending, executed, refused, expired, not_sent };
/// "pending", "executed", "refused", "expired" or "not_sent".
std::string_view to_text(Fate fate);

struct MemberFate {
  Member member;
  std::uint64_t command_id = 0;  ///< of this member; 0 when it was not sent
  Fate fate = Fate::pending;
  UnixTime expires_at{};        ///< of this member's command
  bool waits_for_wake = false;  ///< it sleeps, and gets the command when it wakes
  station::Problem problem = station::Problem::kBadRequest;  ///< why it was not sent
  std::string reason;
};

/// A command to a group: one identity, and a sealed unicast to each member.
struct GroupCommand {
  std::uint64_t id = 0;
  std::string group;
  std::vector<MemberFate> members;
};

/// {"group_command_id": 5, "group": "Lamps", "members": [{"mac": "..", "slot": 0, "command_id": 7,
/// "state": "pending", "expires_at": ms, "waits_for_wake": true}, {"mac": "..", "slot": 0, "state":
/// "not_sent", "code": "..", "error": ".."}]}. The two times only of a pending one.
std::string write_command(const GroupCommand& command);

/// The groups that people made, and what became of the commands to them. One thread.
class Groups {
 public:
  /// Adds or replaces. False when there are kMaxGroups.
  [[nodiscard]] bool put(std::string_view name, Members members);
  void remove(std::string_view name);
  /// nullptr where there is none.
  const Members* find(std::string_view name) const;
  const std::map<std::string, Members, std::less<>>& all() const { return groups_; }
  /// Members at `from` are at `to` from now on, each of them once. @returns the groups that
  /// changed.
  std::vector<std::string> replace_device(const MacAddress& from, const MacAddress& to);
  /// No device is at `mac` any more; a group without members is no more either. @returns the groups
  /// that changed.
  std::vector<std::string> remove_device(const MacAddress& mac);

  /// Sends to every member by `send`, which fills in its command's identity or why there is none.
  /// `now_ms` makes the identity: it only counts up, over restarts too. The group must exist.
  const GroupCommand& command(std::string_view name, std::int64_t now_ms,
                              const std::function<void(MemberFate&)>& send);
  /// A member's command has ended.
  void ended(const MacAddress& mac, std::uint64_t command_id, Fate fate);
  /// nullptr when it is not known any more.
  const GroupCommand* find_command(std::uint64_t id) const;

 private:
  std::map<std::string, Members, std::less<>> groups_;
  std::deque<GroupCommand> commands_;
  std::uint64_t last_id_ = 0;
};

}  // namespace espial::groups
