#include "hub/features/network_keys.hpp"

#include <nlohmann/json.hpp>

#include "core/coordinator/fake_node_test.hpp"
#include "core/coordinator/scripted_ports_test.hpp"
#include "hub/features/feature_fixture_test.hpp"
#include "ports/linux/clock.hpp"
#include "ports/linux/crypto_sodium.hpp"
#include "ports/linux/random_linux.hpp"

namespace espial::features {
namespace {

using coordinator::JoinPolicy;
using coordinator::Verdict;
using station::Problem;
using Json = nlohmann::json;

const MacAddress kMac{{2, 0, 0, 0, 0, 7}};
constexpr const char* kMacText = "02:00:00:00:00:07";

/// What people decide, over a real database; a restart forgets everything else.
class NetworkKeysTest : public FeatureFixture {
 protected:
  NetworkKeysTest() {
    settings_.server = ServerId{1};
    random_.fill(settings_.wrap_key);
    random_.fill(settings_.network.key);
  }
  void SetUp() override { boot(); }
  void TearDown() override { shut_down(); }

  void boot() {
    const store::Snapshot snapshot = open();
    documents_.emplace(*committer_, snapshot.documents);
    coordinator::Config config;
    config.server = settings_.server;
    config.network_key = settings_.network.key;
    const coordinator::Storage storage{
        {nodes_.data(), nodes_.size()},     {handshakes_.data(), handshakes_.size()}, {},
        {pending_.data(), pending_.size()}, {frames_.data(), frames_.size()},         {},
        {labels_.data(), labels_.size()}};
    role_.emplace(config, storage,
                  coordinator::Ports{downlink_, ledger_, events_, random_, crypto_});
    keys_.emplace(settings_, NetworkKeys::Ports{*role_, *documents_, crypto_, random_,
                                                [this](const NetworkKeyPair& keys) {
                                                  kept_.push_back(keys);
                                                  return disk_works_;
                                                }});
    for (const coordinator::NodeRecord& node : stored_) ASSERT_TRUE(role_->restore_node(node));
    keys_->restore();
  }
  void shut_down() {
    stored_.clear();
    role_->for_each([this](const coordinator::NodeEntry& node) {
      stored_.push_back({node.mac, node.module, node.key, node.pending_key});
    });
    close();
    keys_.reset();
    role_.reset();
  }
  void restart() {
    shut_down();
    boot();
  }

  NetworkKeys::Done note() {
    return [this](const std::optional<CommandRefusal>& why) { answers_.push_back(why); };
  }
  NetworkKeys::LabelsDone note_labels() {
    return
        [this](const std::optional<CommandRefusal>& why, const std::vector<wire::Label>& labels) {
          answers_.push_back(why);
          printed_ = labels;
        };
  }
  /// The answer to the last question.
  std::optional<CommandRefusal> answer() {
    EXPECT_TRUE(settle([this] { return !answers_.empty(); }));
    const auto why = answers_.empty() ? std::nullopt : answers_.back();
    answers_.clear();
    return why;
  }
  Json shown() const { return Json::parse(keys_->json()); }
  /// A module joins, all the way.
  void join(coordinator::FakeNode& node, const coordinator::Bytes& request) {
    hear(node, request);
    commit();
    ASSERT_FALSE(downlink_.sent.empty());
    ASSERT_TRUE(node.accept(coordinator::view(downlink_.take().back().body)));
    hear(node, node.frame(wire::PingRequest{}));
    commit();
    keys_->joined(node.mac);
  }
  void hear(const coordinator::FakeNode& node, const coordinator::Bytes& body) {
    coordinator::UplinkFrame frame;
    frame.server = settings_.server;
    frame.mac = node.mac;
    frame.gateway = coordinator::kGatewayA;
    frame.body = coordinator::view(body);
    role_->on_uplink(monotonic_now(), frame, ++token_);
  }
  void commit() {
    for (const auto& call : std::exchange(ledger_.waiting, {})) {
      role_->on_committed(monotonic_now(), call.ticket, true);
    }
  }
  coordinator::FakeNode make_node() {
    return {crypto_, settings_.server, kMac, settings_.network.key};
  }

  CryptoSodium crypto_;
  RandomLinux random_;
  coordinator::ScriptedDownlink downlink_;
  coordinator::ScriptedLedger ledger_;
  coordinator::ScriptedEvents events_;
  std::vector<coordinator::NodeEntry> nodes_ = std::vector<coordinator::NodeEntry>(4);
  std::vector<coordinator::Handshake> handshakes_ = std::vector<coordinator::Handshake>(2);
  std::vector<coordinator::PendingCommit> pending_ = std::vector<coordinator::PendingCommit>(64);
  std::vector<coordinator::FrameInFlight> frames_ = std::vector<coordinator::FrameInFlight>(8);
  std::vector<coordinator::LabelEntry> labels_ = std::vector<coordinator::LabelEntry>(3);
  std::vector<coordinator::NodeRecord> stored_;  ///< the modules, over a restart
  NetworkKeys::Settings settings_;
  std::optional<store::Documents> documents_;
  std::optional<coordinator::Coordinator> role_;
  std::optional<NetworkKeys> keys_;
  std::vector<std::optional<CommandRefusal>> answers_;
  std::vector<wire::Label> printed_;
  std::vector<NetworkKeyPair> kept_;
  bool disk_works_ = true;
  coordinator::Token token_ = 0;
};

TEST_F(NetworkKeysTest, WhoMayJoinOutlivesARestart) {
  coordinator::ModuleList listed{};
  listed[9] = true;
  keys_->set_admission(JoinPolicy::kApproval, listed, note());
  EXPECT_FALSE(answer());
  keys_->judge(kMac, Verdict::kApproved, note());
  EXPECT_FALSE(answer());
  restart();
  EXPECT_EQ(role_->admission().policy(), JoinPolicy::kApproval);
  EXPECT_EQ(shown()["modules"], Json::array({9}));
  EXPECT_EQ(shown()["approved"], Json::array({kMacText}));
  auto node = make_node();
  join(node, node.join());
  EXPECT_EQ(shown()["approved"], Json::array()) << "an approval is for one join";
  restart();
  EXPECT_EQ(shown()["approved"], Json::array());
}

TEST_F(NetworkKeysTest, AStartMaySayAnotherPolicy) {
  settings_.policy = JoinPolicy::kClosed;
  restart();
  settings_.policy.reset();
  restart();
  EXPECT_EQ(shown()["policy"], "closed");
}

TEST_F(NetworkKeysTest, ThePairingWindowOutlivesARestartAndCanBeClosed) {
  EXPECT_EQ(shown()["pairing_until"], 0);
  keys_->open_pairing(600, note());
  EXPECT_FALSE(answer());
  EXPECT_TRUE(role_->pairing_open(monotonic_now()));
  restart();
  EXPECT_TRUE(role_->pairing_open(monotonic_now()));
  EXPECT_FALSE(role_->pairing_open(monotonic_now() + Duration::seconds(600)));
  EXPECT_GT(shown()["pairing_until"], unix_now().ms);
  keys_->open_pairing(0, note());
  EXPECT_FALSE(answer());
  restart();
  EXPECT_FALSE(role_->pairing_open(monotonic_now()));
}

TEST_F(NetworkKeysTest, WhoWaitsIsShownUntilSomebodySaysAWord) {
  keys_->set_admission(JoinPolicy::kApproval, std::nullopt, note());
  auto node = make_node();
  node.hello.wanted_module = ModuleId{5};
  hear(node, node.join());
  EXPECT_EQ(shown()["waiting"], Json::parse(R"([{"mac":"02:00:00:00:00:07","module":5}])"));
  keys_->judge(kMac, Verdict::kRefused, note());
  EXPECT_EQ(shown()["waiting"], Json::array());
  EXPECT_EQ(shown()["refused"], Json::array({kMacText}));
}

TEST_F(NetworkKeysTest, ALabelAdmitsOnceItIsStoredAlsoAfterARestartAndIsGoneWithTheJoin) {
  keys_->issue_labels({kMac}, note_labels());
  EXPECT_TRUE(printed_.empty()) << "nothing is printed before it is stored";
  EXPECT_FALSE(answer());
  ASSERT_EQ(printed_.size(), 1U);
  restart();
  EXPECT_EQ(shown()["labels"], Json::array({kMacText}));
  for (const auto& [name, body] : documents_->all("keys")) {
    EXPECT_EQ(body.find(wire::LabelText(printed_[0]).view().substr(22)), std::string::npos);
  }
  auto node = make_node();
  join(node, node.join_with_label(printed_[0].key));
  EXPECT_EQ(shown()["labels"], Json::array());
  restart();
  EXPECT_EQ(shown()["labels"], Json::array());
}

TEST_F(NetworkKeysTest, LabelsAreMadeAllOrNone) {
  const auto mac = [](std::uint8_t n) { return MacAddress{{2, 0, 0, 0, 1, n}}; };
  keys_->issue_labels({mac(1), mac(2), mac(3), mac(4)}, note_labels());
  EXPECT_EQ(answer()->problem, Problem::kNoRoom);
  EXPECT_EQ(shown()["labels"], Json::array());
  keys_->issue_labels({}, note_labels());
  EXPECT_EQ(answer()->problem, Problem::kBadValue);
}

TEST_F(NetworkKeysTest, ALabelPrintedElsewhereIsScannedIn) {
  wire::Label label{settings_.server, kMac, {}};
  label.key.fill(9);
  keys_->scan_label(wire::LabelText(label).view(), note_labels());
  EXPECT_FALSE(answer());
  EXPECT_EQ(shown()["labels"], Json::array({kMacText}));
  keys_->scan_label("nonsense", note_labels());
  EXPECT_EQ(answer()->problem, Problem::kBadLabel);
  label.server = ServerId{2};
  keys_->scan_label(wire::LabelText(label).view(), note_labels());
  EXPECT_EQ(answer()->problem, Problem::kBadLabel);
  keys_->remove_label(kMac, note());
  EXPECT_FALSE(answer());
  EXPECT_EQ(shown()["labels"], Json::array());
}

TEST_F(NetworkKeysTest, WhatIsNotStoredIsSaidAndDoesNotCount) {
  fill_backlog();
  keys_->set_admission(JoinPolicy::kOpen, std::nullopt, note());
  EXPECT_EQ(answer()->problem, Problem::kStoreBusy);
  EXPECT_EQ(role_->admission().policy(), JoinPolicy::kWindow);
  keys_->open_pairing(60, note());
  EXPECT_EQ(answer()->problem, Problem::kStoreBusy);
  EXPECT_FALSE(role_->pairing_open(monotonic_now()));
  keys_->issue_labels({kMac}, note_labels());
  EXPECT_EQ(answer()->problem, Problem::kStoreBusy);
  EXPECT_FALSE(role_->find(kMac));
  auto node = make_node();
  hear(node, node.join_with_label({}));
  EXPECT_EQ(role_->node_count(), 0U);
}

TEST_F(NetworkKeysTest, AKeyIsOnDiskBeforeItIsInForceAndTheChangeEndsWhenAllHaveFollowed) {
  keys_->open_pairing(600, note());
  auto node = make_node();
  join(node, node.join());
  disk_works_ = false;
  keys_->begin_change(note());
  EXPECT_EQ(answers_.back()->problem, Problem::kKeyNotKept);
  EXPECT_FALSE(role_->key_change().under_way);

  disk_works_ = true;
  keys_->begin_change(note());
  EXPECT_FALSE(answers_.back());
  EXPECT_EQ(kept_.back().former, settings_.network.key);
  EXPECT_EQ(kept_.back().generation, 1);
  EXPECT_TRUE(shown()["key"]["changing"]);
  EXPECT_EQ(shown()["key"]["left"], Json::array({kMacText}));
  keys_->begin_change(note());
  EXPECT_EQ(answers_.back()->problem, Problem::kKeyChanging);
  keys_->tick();
  EXPECT_TRUE(shown()["key"]["changing"]) << "one has not followed";

  join(node, node.renew());
  EXPECT_EQ(shown()["key"]["renewed"], 1);
  keys_->tick();
  EXPECT_FALSE(shown()["key"]["changing"]);
  EXPECT_FALSE(kept_.back().former);
}

TEST_F(NetworkKeysTest, ARenewalIsWishedForUntilTheModuleHasDoneItAlsoOverARestart) {
  keys_->open_pairing(600, note());
  auto node = make_node();
  join(node, node.join());
  keys_->renew(kMac, note());
  EXPECT_FALSE(answer());
  keys_->tick();
  restart();
  ASSERT_NE(role_->find(kMac), nullptr);
  EXPECT_TRUE(role_->find(kMac)->renew);
  join(node, node.renew());
  keys_->tick();
  restart();
  EXPECT_FALSE(role_->find(kMac)->renew);
}

TEST_F(NetworkKeysTest, ARenewalEndsWithItsModule) {
  keys_->open_pairing(600, note());
  auto node = make_node();
  join(node, node.join());
  keys_->renew(kMac, note());
  EXPECT_FALSE(answer());
  ASSERT_TRUE(role_->forget(monotonic_now(), kMac));
  commit();
  keys_->tick();
  EXPECT_EQ(documents_->find("keys", "1/renew/" + std::string(kMacText)), nullptr);
}

TEST_F(NetworkKeysTest, ModulesNobodyKnowsAreNamed) {
  for (const auto& ask : {&NetworkKeys::revoke, &NetworkKeys::unrevoke, &NetworkKeys::renew}) {
    ((*keys_).*ask)(kMac, note());
    EXPECT_EQ(answers_.back()->problem, Problem::kNoSuchDevice);
  }
}

}  // namespace
}  // namespace espial::features
