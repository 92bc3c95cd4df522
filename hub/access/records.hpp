#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.hpp"
#include "hub/access/role.hpp"
#include "hub/store/changes.hpp"

namespace espial::access {

using store::AuditRecord;
using store::Document;

/// A person who may log in.
struct Account {
  std::string name;
  Role role = Role::kViewer;
  std::string password_hash;
  UnixTime created_at;
};

/// What lets a program in.
struct ApiToken {
  std::string name;
  Role role = Role::kViewer;
  std::string digest;
  UnixTime created_at;
};

/// One browser of one account.
struct Session {
  std::string digest;
  std::string account;
  UnixTime created_at;
  UnixTime used_at;
};

/// The collections of documents that are ours.
inline constexpr std::string_view kAccounts = "accounts";
inline constexpr std::string_view kTokens = "tokens";
inline constexpr std::string_view kSessions = "sessions";

Document to_document(const Account& account);
Document to_document(const ApiToken& token);
Document to_document(const Session& session);

/// Read what `to_document` wrote; nothing for anything else.
std::optional<Account> parse_account(const Document& document);
std::optional<ApiToken> parse_token(const Document& document);
std::optional<Session> parse_session(const Document& document);

/// Whether a name may be given to an account or a token: 1..32 of a-z, 0-9, '.', '_' and '-', a
/// letter or digit first.
bool acceptable_name(std::string_view name);

}  // namespace espial::access
