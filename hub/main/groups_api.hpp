#pragma once

#include <functional>

#include "core/base/mac_address.hpp"
#include "hub/features/groups/groups.hpp"
#include "hub/http/dashboard.hpp"
#include "hub/http/handler.hpp"
#include "hub/store/changes.hpp"
#include "hub/store/documents.hpp"

namespace espial::main {

/// `/api/groups`: the groups, kept as documents, and commands to them.
class GroupsApi {
 public:
  using Command =
      std::function<void(const http::CommandRequest&, std::function<void(http::CommandResult)>)>;

  /// `command` sends one member's, and says at once what became of it; `on_change` is told when
  /// some group is another. All of it outlives this object.
  GroupsApi(store::Documents& documents, Command command, std::function<void()> on_change);

  void handle(const http::Request& request, const http::Target& target, const http::Reply& reply);
  /// A command has ended, of whoever.
  void on_command(const MacAddress& mac, std::uint32_t command_id, store::CommandState state);
  /// What is to be stored when members at `from` are at `to`.
  store::Changes following(const MacAddress& from, const MacAddress& to) const;
  /// They are, and that is stored with what moved them, or on its way there.
  void replaced(const MacAddress& from, const MacAddress& to);
  /// The device at `mac` is no more.
  void forgotten(const MacAddress& mac);

 private:
  void save(const std::string& name, const http::Request& request, const http::Reply& reply);
  void remove(const std::string& name, const http::Reply& reply);
  void command(const std::string& name, const http::Request& request, const http::Reply& reply);
  void show_command(const std::string& name, std::string_view id, const http::Reply& reply) const;
  std::string list() const;

  store::Documents& documents_;
  Command command_;
  std::function<void()> on_change_;
  groups::Groups groups_;
};

}  // namespace espial::main
