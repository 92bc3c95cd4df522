// What admins do to accounts and tokens.
#include <algorithm>
#include <utility>

#include "hub/access/access_control.hpp"
#include "hub/access/secret.hpp"

namespace espial::access {

void AccessControl::add_account(const Visitor& by, const std::string& name, Role role,
                                const std::string& password, Done done) {
  const auto refusal = [this, name] {
    if (accounts_.count(name) != 0) return AccessError::kNameTaken;
    return accounts_.size() >= kAccountsMax ? AccessError::kFull : AccessError::kNone;
  };
  if (!acceptable_name(name)) return done(AccessError::kName);
  if (!acceptable_password(password, name)) return done(AccessError::kPassword);
  if (const auto error = refusal(); error != AccessError::kNone) return done(error);
  const bool queued = ports_.passwords.hash(password, [this, by, name, role, done,
                                                       refusal](std::string hash) {
    if (hash.empty()) return done(AccessError::kBusy);
    // Somebody else may have been quicker.
    if (const auto error = refusal(); error != AccessError::kNone) return done(error);
    Account account{name, role, std::move(hash), ports_.now()};
    if (!keep({to_document(account)}, by, "account.add", name + " " + std::string(to_text(role)))) {
      return done(AccessError::kBusy);
    }
    accounts_[name] = std::move(account);
    if (role == Role::kAdmin) setup_until_ = {};  // what it was for is done
    done(AccessError::kNone);
  });
  if (!queued) done(AccessError::kBusy);
}

bool AccessControl::is_last_admin(const std::string& name) const {
  const auto admins = std::count_if(accounts_.begin(), accounts_.end(), [](const auto& entry) {
    return entry.second.role == Role::kAdmin;
  });
  const auto account = accounts_.find(name);
  return admins == 1 && account != accounts_.end() && account->second.role == Role::kAdmin;
}

AccessError AccessControl::remove_account(const Visitor& by, const std::string& name) {
  if (accounts_.count(name) == 0) return AccessError::kUnknown;
  if (is_last_admin(name)) return AccessError::kLastAdmin;
  if (!keep({{std::string(kAccounts), name, {}}}, by, "account.remove", name)) {
    return AccessError::kBusy;
  }
  accounts_.erase(name);
  std::vector<Document> documents;
  for (const Session& session : sessions_.close_all_of(name)) {
    documents.push_back({std::string(kSessions), session.digest, {}});
  }
  // A session of no account opens nothing: that these rows go is tidiness.
  if (!documents.empty()) (void)ports_.keep(documents, std::nullopt);
  revoked();
  return AccessError::kNone;
}

AccessError AccessControl::set_role(const Visitor& by, const std::string& name, Role role) {
  const auto known = accounts_.find(name);
  if (known == accounts_.end()) return AccessError::kUnknown;
  if (role != Role::kAdmin && is_last_admin(name)) return AccessError::kLastAdmin;
  Account account = known->second;
  account.role = role;
  if (!keep({to_document(account)}, by, "account.role",
            name + " " + std::string(to_text(known->second.role)) + " -> " +
                std::string(to_text(role)))) {
    return AccessError::kBusy;
  }
  known->second = std::move(account);
  if (role == Role::kAdmin) setup_until_ = {};
  revoked();
  return AccessError::kNone;
}

void AccessControl::set_password(const Visitor& by, const std::string& name,
                                 const std::string& password, Done done) {
  if (accounts_.count(name) == 0) return done(AccessError::kUnknown);
  if (!acceptable_password(password, name)) return done(AccessError::kPassword);
  const bool queued = ports_.passwords.hash(password, [this, by, name, done](std::string hash) {
    put_password(by, name, std::move(hash), done);
  });
  if (!queued) done(AccessError::kBusy);
}

void AccessControl::put_password(const Visitor& by, const std::string& name, std::string hash,
                                 const Done& done) {
  const auto known = accounts_.find(name);
  if (known == accounts_.end()) return done(AccessError::kUnknown);
  Account account = known->second;
  account.password_hash = std::move(hash);
  if (account.password_hash.empty() ||
      !keep({to_document(account)}, by, "account.password", name)) {
    return done(AccessError::kBusy);
  }
  known->second = std::move(account);
  std::vector<Document> documents;
  for (const Session& session : sessions_.close_all_of(name)) {
    if (session.digest == by.key) {
      (void)sessions_.open(session);
    } else {
      documents.push_back({std::string(kSessions), session.digest, {}});
    }
  }
  if (!documents.empty()) (void)ports_.keep(documents, std::nullopt);
  revoked();
  done(AccessError::kNone);
}

void AccessControl::change_own_password(const Visitor& by, const std::string& present,
                                        const std::string& password, Done done) {
  const auto account = accounts_.find(by.name);
  if (by.means != Visitor::Means::kSession || account == accounts_.end()) {
    return done(AccessError::kUnknown);
  }
  if (present.size() > kPasswordBytesMax) return done(AccessError::kWrongPassword);
  if (take_attempt(by.name, by.from)) return done(AccessError::kTooManyAttempts);
  const bool queued = ports_.passwords.verify(account->second.password_hash, present,
                                              [this, by, password, done](bool right) {
                                                if (!right)
                                                  return done(AccessError::kWrongPassword);
                                                forgive(by.name, by.from);
                                                set_password(by, by.name, password, done);
                                              });
  if (!queued) done(AccessError::kBusy);
}

AccessControl::TokenResult AccessControl::add_token(const Visitor& by, const std::string& name,
                                                    Role role) {
  if (!acceptable_name(name)) return {AccessError::kName, {}};
  if (tokens_.count(name) != 0) return {AccessError::kNameTaken, {}};
  if (tokens_.size() >= kTokensMax) return {AccessError::kFull, {}};
  const std::string secret = draw_secret(ports_.random);
  ApiToken token{name, role, digest_of(secret), ports_.now()};
  if (!keep({to_document(token)}, by, "token.add", name + " " + std::string(to_text(role)))) {
    return {AccessError::kBusy, {}};
  }
  tokens_[name] = std::move(token);
  return {AccessError::kNone, secret};
}

AccessError AccessControl::remove_token(const Visitor& by, const std::string& name) {
  if (tokens_.count(name) == 0) return AccessError::kUnknown;
  if (!keep({{std::string(kTokens), name, {}}}, by, "token.remove", name)) {
    return AccessError::kBusy;
  }
  tokens_.erase(name);
  revoked();
  return AccessError::kNone;
}

}  // namespace espial::access
