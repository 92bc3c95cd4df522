#include "hub/access/access_control.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <utility>

#include "core/base/utf8.hpp"
#include "hub/access/secret.hpp"
#include "hub/store/audit_limits.hpp"

namespace espial::access {
namespace {

constexpr int kGuesserBurst = 20;
constexpr Duration kGuesserPeriod = Duration::seconds(30);
constexpr int kAddressBurst = 30;
constexpr Duration kAddressPeriod = Duration::seconds(10);
constexpr std::size_t kLimiterKeys = 1024;

/// Whom to count as one: an IPv4 address, or an IPv6 network of 64 bits, which is one household's.
std::string counted_as(const std::string& from) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address_v6(from, error);
  if (error || address.is_v4_mapped()) return from;
  const auto bytes = address.to_bytes();
  return std::string(bytes.begin(), bytes.begin() + 8);
}

/// Guesses are counted by account and place: counted by account alone, they would keep its owner
/// out wherever he is. A name holds no space.
std::string guesser(const std::string& name, const std::string& from) {
  return name + ' ' + counted_as(from);
}

Visitor nobody(std::string_view from) {
  Visitor visitor;
  visitor.from = from;
  return visitor;
}

Document gone(std::string_view collection, const std::string& name) {
  return {std::string(collection), name, {}};
}

std::vector<Document> gone(const std::vector<Session>& sessions) {
  std::vector<Document> documents;
  for (const Session& session : sessions) documents.push_back(gone(kSessions, session.digest));
  return documents;
}

}  // namespace

AccessControl::AccessControl(Ports ports, const Options& options)
    : ports_(std::move(ports)),
      options_(options),
      sessions_(options.sessions),
      by_guesser_(kGuesserBurst, kGuesserPeriod, kLimiterKeys),
      by_address_(kAddressBurst, kAddressPeriod, kLimiterKeys) {}

std::size_t AccessControl::restore(const std::vector<Document>& documents) {
  std::size_t unreadable = 0;
  const UnixTime now = ports_.now();
  for (const Document& document : documents) {
    if (document.collection == kAccounts) {
      auto account = parse_account(document);
      unreadable += account ? 0 : 1;
      if (account) accounts_[account->name] = std::move(*account);
    } else if (document.collection == kTokens) {
      auto token = parse_token(document);
      unreadable += token ? 0 : 1;
      if (token) tokens_[token->name] = std::move(*token);
    } else if (document.collection == kSessions) {
      const auto session = parse_session(document);
      unreadable += session ? 0 : 1;
      if (session) sessions_.restore(*session, now);
    }
  }
  return unreadable;
}

void AccessControl::set_local_secret(std::string_view secret) { local_digest_ = digest_of(secret); }

bool AccessControl::setup_needed() const {
  return std::none_of(accounts_.begin(), accounts_.end(),
                      [](const auto& entry) { return entry.second.role == Role::kAdmin; });
}

Visitor AccessControl::identify(std::string_view session_secret, std::string_view token,
                                std::string_view from) {
  Visitor visitor = nobody(from);
  if (!token.empty()) {
    const std::string digest = digest_of(token);
    if (same_secret(digest, local_digest_)) {
      visitor = {Visitor::Means::kLocal, "local", Role::kAdmin, {}, std::string(from)};
    }
    for (const auto& [name, known] : tokens_) {
      if (!same_secret(digest, known.digest)) continue;
      visitor = {Visitor::Means::kToken, name, known.role, digest, std::string(from)};
    }
    return visitor;
  }
  if (!session_secret.empty()) {
    const Session* const session = use_session(digest_of(session_secret));
    const auto account = session == nullptr ? accounts_.end() : accounts_.find(session->account);
    if (account != accounts_.end()) {
      return {Visitor::Means::kSession, account->first, account->second.role, session->digest,
              std::string(from)};
    }
  }
  if (!options_.login_required) {
    visitor.means = Visitor::Means::kTrusted;
    visitor.name = "local";
    visitor.role = Role::kOperator;
  }
  return visitor;
}

const Session* AccessControl::use_session(std::string_view digest) {
  const auto found = sessions_.use(digest, ports_.now());
  // Not worth a refusal: at worst the session ends a quarter of an hour early.
  if (found.keep) (void)ports_.keep({to_document(*found.session)}, std::nullopt);
  return found.session;
}

bool AccessControl::is_welcome(const Visitor& visitor) {
  switch (visitor.means) {
    case Visitor::Means::kNone:
      return false;
    case Visitor::Means::kTrusted:
    case Visitor::Means::kLocal:
      return true;
    case Visitor::Means::kSession: {
      const auto account = accounts_.find(visitor.name);
      return account != accounts_.end() && account->second.role >= visitor.role &&
             use_session(visitor.key) != nullptr;
    }
    case Visitor::Means::kToken: {
      const auto token = tokens_.find(visitor.name);
      return token != tokens_.end() && token->second.digest == visitor.key;
    }
  }
  return false;
}

bool AccessControl::keep(const std::vector<Document>& documents, const Visitor& by,
                         std::string_view what, std::string_view about) {
  // A record that is too long would be none.
  about = utf8_prefix(about, store::kMaxAuditTextBytes);
  return ports_.keep(documents, AuditRecord{ports_.now(), by.name.empty() ? "-" : by.name,
                                            std::string(what), std::string(about), by.from});
}

bool AccessControl::record(const Visitor& by, std::string_view what, std::string_view about) {
  return keep({}, by, what, about);
}

void AccessControl::revoked() const {
  if (revoked_) revoked_();
}

std::optional<Duration> AccessControl::take_attempt(const std::string& name,
                                                    const std::string& from) {
  const UnixTime now = ports_.now();
  if (const auto wait = by_address_.take(counted_as(from), now)) return wait;
  return by_guesser_.take(guesser(name, from), now);
}

void AccessControl::forgive(const std::string& name, const std::string& from) {
  by_guesser_.forgive(guesser(name, from));
}

void AccessControl::log_in(const std::string& name, const std::string& password,
                           const std::string& from, LoginDone done) {
  if (!acceptable_name(name) || password.size() > kPasswordBytesMax) {
    return done({AccessError::kWrongPassword, {}, {}, {}});
  }
  if (const auto wait = take_attempt(name, from)) {
    return done({AccessError::kTooManyAttempts, *wait, {}, {}});
  }
  const auto account = accounts_.find(name);
  const bool queued =
      account == accounts_.end()
          // As much is computed as for an account that is there: making a hash is comparing it.
          ? ports_.passwords.hash(password,
                                  [this, name, from, done](const std::string&) {
                                    finish_login(name, from, false, done);
                                  })
          : ports_.passwords.verify(
                account->second.password_hash, password,
                [this, name, from, hash = account->second.password_hash, done](bool right) {
                  const auto now = accounts_.find(name);
                  const bool unchanged =
                      now != accounts_.end() && now->second.password_hash == hash;
                  finish_login(name, from, right && unchanged, done);
                });
  if (!queued) done({AccessError::kBusy, {}, {}, {}});
}

void AccessControl::finish_login(const std::string& name, const std::string& from, bool right,
                                 const LoginDone& done) {
  if (!right) {
    (void)record(nobody(from), store::kRefusedLogin, name);
    return done({AccessError::kWrongPassword, {}, {}, {}});
  }
  forgive(name, from);
  done(begin_session(accounts_.at(name), from, "session.login"));
}

AccessControl::LoginResult AccessControl::begin_session(const Account& account,
                                                        const std::string& from,
                                                        std::string_view what) {
  const std::string secret = draw_secret(ports_.random);
  const UnixTime now = ports_.now();
  const Session session{digest_of(secret), account.name, now, now};
  std::vector<Document> documents = gone(sessions_.open(session));
  documents.insert(documents.begin(), to_document(session));
  Visitor who{Visitor::Means::kSession, account.name, account.role, session.digest, from};
  if (!keep(documents, who, what, account.name)) {
    (void)sessions_.close(session.digest);
    return {AccessError::kBusy, {}, {}, {}};
  }
  return {AccessError::kNone, {}, secret, account.role};
}

std::string AccessControl::open_setup(const Visitor& by) {
  const std::string secret = draw_secret(ports_.random);
  setup_digest_ = digest_of(secret);
  setup_until_ = {ports_.now().ms + options_.setup_link_lifetime.ms()};
  (void)record(by, "account.setup_link", "");
  return secret;
}

void AccessControl::set_up(std::string_view secret, const std::string& name,
                           const std::string& password, const std::string& from, LoginDone done) {
  const std::string digest = digest_of(secret);
  if (!same_secret(digest, setup_digest_) || !(ports_.now() < setup_until_)) {
    return done({AccessError::kSetupLink, {}, {}, {}});
  }
  Visitor owner = nobody(from);
  owner.name = "setup-link";
  // Void while it is used, so that two at once don't make two admins; given back if it failed.
  setup_digest_.clear();
  add_account(owner, name, Role::kAdmin, password,
              [this, name, from, done, digest](AccessError error) {
                if (error == AccessError::kNone) {
                  return done(begin_session(accounts_.at(name), from, "session.login"));
                }
                if (setup_digest_.empty()) setup_digest_ = digest;
                done({error, {}, {}, {}});
              });
}

void AccessControl::log_out(const Visitor& visitor) {
  if (visitor.means != Visitor::Means::kSession || !sessions_.close(visitor.key)) return;
  (void)keep({gone(kSessions, visitor.key)}, visitor, "session.logout", visitor.name);
  revoked();
}

void AccessControl::log_out_everywhere(const Visitor& visitor) {
  if (visitor.means != Visitor::Means::kSession) return;
  (void)keep(gone(sessions_.close_all_of(visitor.name)), visitor, "session.logout_everywhere",
             visitor.name);
  revoked();
}

void AccessControl::sweep() {
  const std::vector<Session> ended = sessions_.sweep(ports_.now());
  if (ended.empty()) return;
  (void)ports_.keep(gone(ended), std::nullopt);
  revoked();
}

}  // namespace espial::access
