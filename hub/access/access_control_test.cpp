#include "hub/access/access_control.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "hub/access/direct_passwords_test.hpp"
#include "ports/linux/random_linux.hpp"

namespace espial::access {
namespace {

constexpr const char* kAddress = "192.168.1.20";
constexpr const char* kPassword = "correct horse";

class AccessControlTest : public testing::Test {
 protected:
  void SetUp() override { start(true); }

  void start(bool login_required) {
    AccessControl::Options options;
    options.login_required = login_required;
    control_ = std::make_unique<AccessControl>(
        AccessControl::Ports{passwords_, random_, [this] { return now_; },
                             [this](const std::vector<Document>& documents,
                                    const std::optional<AuditRecord>& entry) {
                               if (full_) return false;
                               for (const Document& one : documents) store(one);
                               if (entry) audit_.push_back(*entry);
                               return true;
                             }},
        options);
    control_->set_local_secret("local");
  }

  void store(const Document& document) {
    auto& kept = kept_[document.collection + "/" + document.name];
    kept = document;
    if (document.body.empty()) kept_.erase(document.collection + "/" + document.name);
  }

  void restart() {
    std::vector<Document> documents;
    for (const auto& [key, document] : kept_) documents.push_back(document);
    start(true);
    EXPECT_EQ(control_->restore(documents), 0U);
  }

  Visitor local() { return control_->identify("", "local", "127.0.0.1"); }
  Visitor with(const std::string& session) { return control_->identify(session, "", kAddress); }

  AccessError add(const std::string& name, Role role, const std::string& password = kPassword) {
    AccessError result = AccessError::kBusy;
    control_->add_account(local(), name, role, password, [&](AccessError e) { result = e; });
    return result;
  }

  AccessControl::LoginResult log_in(const std::string& name,
                                    const std::string& password = kPassword,
                                    const std::string& from = kAddress) {
    AccessControl::LoginResult result;
    result.error = AccessError::kFull;
    control_->log_in(name, password, from, [&](const auto& is) { result = is; });
    return result;
  }

  AccessControl::LoginResult set_up(const std::string& secret, const std::string& name = "owner") {
    AccessControl::LoginResult result;
    control_->set_up(secret, name, kPassword, kAddress, [&](const auto& is) { result = is; });
    return result;
  }

  DirectPasswords passwords_;
  RandomLinux random_;
  UnixTime now_{1'700'000'000'000};
  bool full_ = false;
  std::map<std::string, Document> kept_;
  std::vector<AuditRecord> audit_;
  std::unique_ptr<AccessControl> control_;
};

TEST_F(AccessControlTest, NobodyIsSomebodyWithoutCredentials) {
  EXPECT_EQ(with("").means, Visitor::Means::kNone);
  EXPECT_FALSE(with("").may(Role::kViewer));
  EXPECT_EQ(with("made up").means, Visitor::Means::kNone);
  EXPECT_EQ(control_->identify("", "made up", kAddress).means, Visitor::Means::kNone);
  start(false);
  EXPECT_TRUE(with("").may(Role::kOperator));
  EXPECT_FALSE(with("").may(Role::kAdmin));
  EXPECT_EQ(control_->identify("", "made up", kAddress).means, Visitor::Means::kNone);
}

TEST_F(AccessControlTest, ASetupLinkMakesOneAdminOnce) {
  EXPECT_TRUE(control_->setup_needed());
  const std::string first = control_->open_setup(local());
  const std::string link = control_->open_setup(local());
  EXPECT_EQ(set_up(first).error, AccessError::kSetupLink);
  EXPECT_EQ(set_up("").error, AccessError::kSetupLink);
  const auto done = set_up(link);
  ASSERT_EQ(done.error, AccessError::kNone);
  EXPECT_TRUE(with(done.secret).may(Role::kAdmin));
  EXPECT_FALSE(control_->setup_needed());
  EXPECT_EQ(set_up(link, "second").error, AccessError::kSetupLink);
}

TEST_F(AccessControlTest, ASetupLinkEndsWithAnAdminWhoCameAnotherWay) {
  std::string link = control_->open_setup(local());
  ASSERT_EQ(add("ann", Role::kOperator), AccessError::kNone);
  ASSERT_EQ(add("boss", Role::kAdmin), AccessError::kNone);
  EXPECT_EQ(set_up(link, "second").error, AccessError::kSetupLink);
  link = control_->open_setup(local());
  ASSERT_EQ(control_->set_role(local(), "ann", Role::kAdmin), AccessError::kNone);
  EXPECT_EQ(set_up(link, "second").error, AccessError::kSetupLink);
  EXPECT_EQ(set_up(control_->open_setup(local()), "second").error, AccessError::kNone)
      << "asked for beside an admin";
}

TEST_F(AccessControlTest, ASetupLinkExpiresAndSurvivesABadChoice) {
  std::string link = control_->open_setup(local());
  EXPECT_EQ(set_up(link, "<script>").error, AccessError::kName);
  passwords_.hold = true;
  control_->set_up(link, "one", kPassword, kAddress, [](const auto&) {});
  EXPECT_EQ(set_up(link, "two").error, AccessError::kSetupLink);
  passwords_.hold = false;
  passwords_.answer();
  EXPECT_EQ(control_->accounts().size(), 1U);
  link = control_->open_setup(local());
  now_.ms += 3600 * 1000;
  EXPECT_EQ(set_up(link, "late").error, AccessError::kSetupLink);
}

TEST_F(AccessControlTest, NoPasswordIsComputedBeforeSomebodyTriesOne) {
  EXPECT_EQ(passwords_.hashed + passwords_.verified, 0) << "64 MiB, in a hub that nobody asks";
}

TEST_F(AccessControlTest, WrongPasswordAndUnknownAccountLookTheSame) {
  ASSERT_EQ(add("ann", Role::kViewer), AccessError::kNone);
  const int before = passwords_.verified + passwords_.hashed;
  EXPECT_EQ(log_in("ann", "wrong password").error, AccessError::kWrongPassword);
  EXPECT_EQ(log_in("nobody", "wrong password").error, AccessError::kWrongPassword);
  EXPECT_EQ(passwords_.verified + passwords_.hashed, before + 2);
  EXPECT_EQ(log_in("' OR 1=1 --", "x").error, AccessError::kWrongPassword);
  EXPECT_EQ(audit_.back().action, "session.refused");
  EXPECT_EQ(audit_.back().subject, "nobody");
  EXPECT_EQ(audit_.back().detail, kAddress);
}

TEST_F(AccessControlTest, GuessingEndsForTheAccountAndForTheAddress) {
  ASSERT_EQ(add("ann", Role::kViewer), AccessError::kNone);
  const std::string guesser = "10.0.0.1";
  AccessControl::LoginResult result;
  int tries = 0;
  do {
    result = log_in("ann", "wrong", guesser);
  } while (result.error != AccessError::kTooManyAttempts && ++tries < 100);
  EXPECT_EQ(tries, 20);
  EXPECT_GT(result.wait.us, 0);
  EXPECT_EQ(log_in("ann", kPassword, guesser).error, AccessError::kTooManyAttempts);
  EXPECT_EQ(log_in("ann", kPassword, "10.9.9.9").error, AccessError::kNone)
      << "who knows a name must not keep its owner out";
  EXPECT_EQ(log_in("ann", kPassword, guesser).error, AccessError::kTooManyAttempts)
      << "and is not forgiven when the owner comes in";
  now_.ms += 30'000;
  EXPECT_EQ(log_in("ann", kPassword, guesser).error, AccessError::kNone);

  tries = 0;
  do {
    const std::string number = std::to_string(++tries);
    result = log_in("name" + number, "wrong", "fd00::1:" + number);  // one household's network
  } while (result.error != AccessError::kTooManyAttempts && tries < 100);
  EXPECT_EQ(tries, 31);
}

TEST_F(AccessControlTest, ASessionSurvivesARestartAndEndsWithItsAccount) {
  ASSERT_EQ(add("boss", Role::kAdmin), AccessError::kNone);
  ASSERT_EQ(add("ann", Role::kOperator), AccessError::kNone);
  const std::string secret = log_in("ann").secret;
  for (const auto& [key, document] : kept_) {
    EXPECT_EQ(key.find(secret), std::string::npos);
    EXPECT_EQ(document.body.find(secret), std::string::npos);
  }
  restart();
  const Visitor ann = with(secret);
  EXPECT_TRUE(ann.may(Role::kOperator));
  int revoked = 0;
  control_->on_revoked([&] { ++revoked; });
  EXPECT_EQ(control_->set_role(local(), "ann", Role::kViewer), AccessError::kNone);
  EXPECT_FALSE(control_->is_welcome(ann));
  EXPECT_TRUE(with(secret).may(Role::kViewer));
  EXPECT_EQ(control_->remove_account(local(), "ann"), AccessError::kNone);
  EXPECT_EQ(with(secret).means, Visitor::Means::kNone);
  EXPECT_EQ(revoked, 2);
  EXPECT_EQ(control_->remove_account(local(), "boss"), AccessError::kLastAdmin);
  EXPECT_EQ(control_->set_role(local(), "boss", Role::kViewer), AccessError::kLastAdmin);
}

TEST_F(AccessControlTest, LoggingOutEndsOneOrAll) {
  ASSERT_EQ(add("ann", Role::kViewer), AccessError::kNone);
  const std::string phone = log_in("ann").secret;
  const std::string desk = log_in("ann").secret;
  const std::string wall = log_in("ann").secret;
  control_->log_out(with(phone));
  EXPECT_EQ(with(phone).means, Visitor::Means::kNone);
  EXPECT_NE(with(desk).means, Visitor::Means::kNone);
  control_->log_out_everywhere(with(desk));
  EXPECT_EQ(with(wall).means, Visitor::Means::kNone);
  restart();
  EXPECT_EQ(with(desk).means, Visitor::Means::kNone);
}

TEST_F(AccessControlTest, ANewPasswordEndsTheOtherSessions) {
  ASSERT_EQ(add("ann", Role::kViewer), AccessError::kNone);
  const std::string mine = log_in("ann").secret;
  const std::string thief = log_in("ann").secret;
  AccessError result = AccessError::kBusy;
  const auto done = [&](AccessError is) { result = is; };
  control_->change_own_password(with(mine), "not it at all", "another horse", done);
  EXPECT_EQ(result, AccessError::kWrongPassword);
  control_->change_own_password(with(mine), kPassword, "short", done);
  EXPECT_EQ(result, AccessError::kPassword);
  control_->change_own_password(with(mine), kPassword, "another horse", done);
  EXPECT_EQ(result, AccessError::kNone);
  EXPECT_NE(with(mine).means, Visitor::Means::kNone);
  EXPECT_EQ(with(thief).means, Visitor::Means::kNone);
  EXPECT_EQ(log_in("ann").error, AccessError::kWrongPassword);
  EXPECT_EQ(log_in("ann", "another horse").error, AccessError::kNone);
}

TEST_F(AccessControlTest, ATokenIsForItsRoleUntilItIsRemoved) {
  const auto token = control_->add_token(local(), "grafana", Role::kViewer);
  ASSERT_EQ(token.error, AccessError::kNone);
  EXPECT_EQ(control_->add_token(local(), "grafana", Role::kAdmin).error, AccessError::kNameTaken);
  restart();
  const Visitor grafana = control_->identify("", token.secret, kAddress);
  EXPECT_TRUE(grafana.may(Role::kViewer));
  EXPECT_FALSE(grafana.may(Role::kOperator));
  EXPECT_EQ(control_->remove_token(local(), "grafana"), AccessError::kNone);
  EXPECT_FALSE(control_->is_welcome(grafana));
  EXPECT_EQ(control_->identify("", token.secret, kAddress).means, Visitor::Means::kNone);
}

TEST_F(AccessControlTest, WhatCannotBeStoredDoesNotHappen) {
  ASSERT_EQ(add("ann", Role::kViewer), AccessError::kNone);
  full_ = true;
  EXPECT_EQ(add("bob", Role::kViewer), AccessError::kBusy);
  EXPECT_EQ(log_in("ann").error, AccessError::kBusy);
  EXPECT_EQ(control_->set_role(local(), "ann", Role::kAdmin), AccessError::kBusy);
  EXPECT_EQ(control_->accounts().at("ann").role, Role::kViewer);
  EXPECT_EQ(control_->accounts().size(), 1U);
  full_ = false;
  passwords_.busy = true;
  EXPECT_EQ(log_in("ann").error, AccessError::kBusy);
}

TEST_F(AccessControlTest, RefusesWhatIsNoNameAndWhatIsThere) {
  for (const char* name :
       {"", "Ann", "-ann", "ann marie", "ann;drop", "<b>", "a23456789012345678901234567890123"}) {
    EXPECT_EQ(add(name, Role::kViewer), AccessError::kName) << name;
  }
  EXPECT_EQ(add("ann", Role::kViewer), AccessError::kNone);
  EXPECT_EQ(add("ann", Role::kViewer), AccessError::kNameTaken);
  for (std::size_t i = 1; i < kAccountsMax; ++i) {
    EXPECT_EQ(add("n" + std::to_string(i), Role::kViewer), AccessError::kNone);
  }
  EXPECT_EQ(add("one.more", Role::kViewer), AccessError::kFull);
}

}  // namespace
}  // namespace espial::access
