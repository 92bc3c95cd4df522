#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "core/port/random.hpp"
#include "hub/access/attempt_limiter.hpp"
#include "hub/access/password_work.hpp"
#include "hub/access/records.hpp"
#include "hub/access/role.hpp"
#include "hub/access/session_table.hpp"

namespace espial::access {

inline constexpr std::size_t kAccountsMax = 64;
inline constexpr std::size_t kTokensMax = 128;

/// Why not.
enum class [[nodiscard]] AccessError : std::uint8_t{
    kNone,
    kWrongPassword,    ///< or no such account: which one is not said
    kTooManyAttempts,  ///< from this address; wait
    kSetupLink,        ///< used, expired or never given
    kName,             ///< no acceptable name
    kNameTaken,
    kUnknown,    ///< no such account or token
    kPassword,   ///< not acceptable as a password
    kFull,       ///< no room for another one
    kLastAdmin,  ///< nobody could manage accounts afterwards
    kBusy,       ///< try again in a moment
};

/// Somebody who asks for something.
struct Visitor {
  enum class Means : std::uint8_t {
    kNone,     ///< nobody that is known
    kTrusted,  ///< nobody in particular, where accounts are not demanded
    kSession,  ///< an account's browser
    kToken,    ///< a program
    kLocal,    ///< a command of this machine's owner
  };
  Means means = Means::kNone;
  std::string name;  ///< the account or token; "local" for the last two
  Role role = Role::kViewer;
  std::string key;   ///< what of a session or token `is_welcome` looks for
  std::string from;  ///< address

  bool may(Role needed) const { return means != Means::kNone && role >= needed; }
};

/// Who may come in: accounts, sessions and tokens, and the passwords behind them.
///
/// Everything is called on one thread; completions come on it, now or later. What it changes is in
/// force at once, and handed to `keep` to be stored.
class AccessControl {
 public:
  struct Ports {
    PasswordWork& passwords;
    Random& random;
    std::function<UnixTime()> now;
    /// Stores this, some time later; the first document says what it is about, the others are
    /// what hangs on it. False when there is no room: then nothing is stored.
    std::function<bool(const std::vector<Document>&, const std::optional<AuditRecord>&)> keep;
  };
  struct Options {
    /// Whether somebody without credentials is nobody. Otherwise whoever reaches the hub is
    /// trusted as an operator: it must listen on loopback only.
    bool login_required = false;
    Duration setup_link_lifetime = Duration::seconds(3600);
    SessionLimits sessions{};
  };

  AccessControl(Ports ports, const Options& options);

  /// Takes what an earlier run has kept; unreadable documents are left out and counted.
  std::size_t restore(const std::vector<Document>& documents);
  /// The secret by which this machine's owner is known, until the program ends.
  void set_local_secret(std::string_view secret);
  /// Called whenever somebody may have lost a right.
  void on_revoked(std::function<void()> revoked) { revoked_ = std::move(revoked); }

  bool login_required() const { return options_.login_required; }
  /// Nobody can log in as admin yet.
  bool setup_needed() const;

  /// Who brings these credentials (each may be empty). A token that is wrong makes nobody of him,
  /// whatever else he brings.
  Visitor identify(std::string_view session_secret, std::string_view token, std::string_view from);
  /// Whether a visitor of before still is who he was, with no less a role. Counts as use of his
  /// session.
  bool is_welcome(const Visitor& visitor);

  /// The secret of a new setup link; the one before is void. It makes one admin account,
  /// and ends when there is a new admin by other means.
  std::string open_setup(const Visitor& by);

  /// What came of a login: the session's secret, or why there is none.
  struct LoginResult {
    AccessError error = AccessError::kNone;
    Duration wait{};  ///< for kTooManyAttempts
    std::string secret;
    Role role = Role::kViewer;
  };
  using LoginDone = std::function<void(const LoginResult&)>;
  using Done = std::function<void(AccessError)>;

  void log_in(const std::string& name, const std::string& password, const std::string& from,
              LoginDone done);
  void set_up(std::string_view secret, const std::string& name, const std::string& password,
              const std::string& from, LoginDone done);
  void log_out(const Visitor& visitor);
  /// Ends every session of the visitor's account.
  void log_out_everywhere(const Visitor& visitor);

  const std::map<std::string, Account>& accounts() const { return accounts_; }
  const std::map<std::string, ApiToken>& tokens() const { return tokens_; }
  void add_account(const Visitor& by, const std::string& name, Role role,
                   const std::string& password, Done done);
  AccessError remove_account(const Visitor& by, const std::string& name);
  AccessError set_role(const Visitor& by, const std::string& name, Role role);
  /// Ends the account's sessions, except the one of `by`.
  void set_password(const Visitor& by, const std::string& name, const std::string& password,
                    Done done);
  /// The same for one's own account, whose present password has to be given.
  void change_own_password(const Visitor& by, const std::string& present,
                           const std::string& password, Done done);
  /// The token, which nobody can ask for again; or why there is none.
  struct TokenResult {
    AccessError error = AccessError::kNone;
    std::string secret;
  };
  TokenResult add_token(const Visitor& by, const std::string& name, Role role);
  AccessError remove_token(const Visitor& by, const std::string& name);

  /// Writes down that somebody did something. False when there is no room.
  bool record(const Visitor& by, std::string_view what, std::string_view about);
  /// To be called now and then: forgets what has ended.
  void sweep();

 private:
  bool keep(const std::vector<Document>& documents, const Visitor& by, std::string_view what,
            std::string_view about);
  std::optional<Duration> take_attempt(const std::string& name, const std::string& from);
  void forgive(const std::string& name, const std::string& from);
  LoginResult begin_session(const Account& account, const std::string& from, std::string_view what);
  void finish_login(const std::string& name, const std::string& from, bool right,
                    const LoginDone& done);
  void put_password(const Visitor& by, const std::string& name, std::string hash, const Done& done);
  bool is_last_admin(const std::string& name) const;
  const Session* use_session(std::string_view digest);
  void revoked() const;

  Ports ports_;
  Options options_;
  std::map<std::string, Account> accounts_;
  std::map<std::string, ApiToken> tokens_;
  SessionTable sessions_;
  AttemptLimiter by_guesser_;
  AttemptLimiter by_address_;
  std::string local_digest_;
  std::string setup_digest_;
  UnixTime setup_until_;
  std::function<void()> revoked_;
};

}  // namespace espial::access
