// What docs/security.md says of the network, shown in it. The names are the claims.

#include <gtest/gtest.h>

#include <algorithm>

#include "core/crypto/hkdf.hpp"
#include "core/wire/sealed.hpp"
#include "ports/linux/crypto_sodium.hpp"
#include "sim/network/key_thief_test.hpp"
#include "sim/network/watched_crypto.hpp"

namespace espial::sim {
namespace {

constexpr std::uint32_t kVictim = 1;

/// Two boards in one room with a gateway and a thief. Board 0 is switched on at once.
class SecurityClaims : public testing::Test {
 protected:
  SecurityClaims() {
    NetworkSettings settings;
    settings.seed = 5;
    settings.gateways.push_back({});
    for (std::uint32_t i = 0; i < 2; ++i) {
      BoardSettings board;
      board.number = i;
      board.seed = 100 + i;
      settings.boards.push_back(board);
    }
    settings.switch_on_over = Duration{};
    network_.emplace(settings, crypto_, watch_);
    thief_.emplace(*network_, crypto_);
    thief_->gateway = gateway_address(0);
    thief_->channel = network_->gateway(0).channel();
  }

  const coordinator::NodeEntry* known(std::uint32_t board) const {
    return network_->hub().role()->find(board_address(board));
  }
  Key stolen_discovery_key() {
    return crypto::discovery_key(crypto_, network_->network_key(), kSimServer);
  }
  /// Every JOIN_ACCEPT, RESUME and sealed frame recorded of `board` that `key` opens, tried in
  /// every role that a key has on the air.
  int opened_with(const Key& key, std::uint32_t board) {
    int opened = 0;
    SeededRandom random(7);
    for (const KeyThief::Frame& frame : thief_->recorded) {
      const ByteView body(frame.body.data(), frame.body.size());
      const auto auth = wire::parse_auth(body);
      if (!auth) continue;
      session::Credentials guess{kSimServer, board_address(board), auth->header.key_id,
                                 auth->header.generation, key};
      wire::Hello hello;
      wire::Welcome welcome;
      session::Session session;
      session::ResumeResponder resume;
      if (resume.read(crypto_, guess, body, hello) == session::HandshakeStatus::kOk) ++opened;
      // He may begin a JOIN with whatever ephemeral key he likes; the recorded answer is to
      // another.
      session::JoinInitiator joiner;
      std::array<std::uint8_t, session::kMaxAuthSize> out{};
      (void)joiner.start(crypto_, random, guess, hello, out);
      if (joiner.on_accept(crypto_, body, session, welcome) == session::HandshakeStatus::kOk) {
        ++opened;
      }
    }
    return opened;
  }
  /// Sealed frames of `board` in the sessions that were resumed, both randoms of which are on the
  /// air, as whoever has `key` opens them.
  int sealed_opened_with(const Key& key, std::uint32_t board) {
    int opened = 0;
    std::vector<std::uint8_t> salt;
    for (const KeyThief::Frame& frame : thief_->recorded) {
      const ByteView body(frame.body.data(), frame.body.size());
      if (const auto auth = wire::parse_auth(body)) {
        if (auth->header.step == wire::AuthStep::kResume && frame.source == board_address(board)) {
          salt.assign(auth->key.begin(), auth->key.end());
        } else if (auth->header.step == wire::AuthStep::kResumeAccept &&
                   frame.destination == board_address(board)) {
          salt.insert(salt.end(), auth->key.begin(), auth->key.end());
        }
      }
      const auto sealed = wire::parse_sealed(body);
      if (!sealed || frame.source != board_address(board)) continue;
      const ByteView both(salt.data(), salt.size());
      session::Session session(session::Side::kCoordinator, kSimServer, sealed->header.session,
                               {crypto::derive_key(crypto_, both, key, "espial session up"),
                                crypto::derive_key(crypto_, both, key, "espial session down")});
      std::array<std::uint8_t, kMaxBodyV2> plain{};
      if (session.open(crypto_, body, plain).status == session::OpenStatus::kOk) ++opened;
    }
    return opened;
  }
  int joins_readable_with(const Key& key, std::uint32_t board) {
    int readable = 0;
    for (const KeyThief::Frame& frame : thief_->recorded) {
      session::JoinResponder responder;
      wire::Hello hello;
      const session::Credentials guess{kSimServer, board_address(board), wire::KeyId::kNetwork, 0,
                                       key};
      const auto status =
          responder.read(crypto_, guess, {frame.body.data(), frame.body.size()}, hello);
      if (status == session::HandshakeStatus::kOk) ++readable;
    }
    return readable;
  }

  /// What comes of a RESUME as `board` under a stolen key.
  struct Attempt {
    session::Session session;
    std::optional<wire::RefusedReason> refused;  ///< with a proof
  };
  Attempt resume_as(std::uint32_t board, const coordinator::NodeKey& stolen) {
    Attempt attempt;
    session::ResumeInitiator resume;
    SeededRandom random(9);
    const session::Credentials credentials{kSimServer, board_address(board), wire::KeyId::kNode,
                                           stolen.generation, stolen.key};
    constexpr int kTries = 10;
    for (int i = 0; i < kTries && !attempt.session.valid() && !attempt.refused; ++i) {
      std::array<std::uint8_t, session::kMaxAuthSize> out{};
      thief_->recorded.clear();
      say_as(board, resume.start(crypto_, random, credentials, {}, out));
      for (const KeyThief::Frame& frame : thief_->recorded) {
        if (frame.destination != board_address(board)) continue;
        const ByteView body(frame.body.data(), frame.body.size());
        wire::Welcome welcome;
        const session::Refusal refusal = resume.on_refused(crypto_, body);
        if (refusal.status == session::RefusalStatus::kProven) attempt.refused = refusal.reason;
        if (attempt.session.valid()) continue;
        (void)resume.on_accept(crypto_, body, attempt.session, welcome);
      }
    }
    return attempt;
  }
  void say_as(std::uint32_t board, ByteView body) {
    network_->adversary_says(board_address(board), gateway_address(0),
                             network_->gateway(0).channel(), body);
    thief_->run_for(Duration::seconds(2));
  }
  /// A sealed frame of the session that the thief got.
  void ping_as(std::uint32_t board, session::Session& session) {
    session.reserve(UINT64_MAX);
    std::array<std::uint8_t, 8> inner{};
    wire::PacketsBuilder packets(inner);
    ASSERT_TRUE(packets.append(wire::PingRequest{}));
    std::array<std::uint8_t, kMaxBodyV1> out{};
    say_as(board, session.seal(crypto_, session::Listening::kYes, packets.bytes(), out).body);
  }

  CryptoSodium crypto_;
  Watch watch_;
  std::optional<Network> network_;
  std::optional<KeyThief> thief_;
};

/// "I am on this channel", said by a gateway that has moved since.
TEST_F(SecurityClaims, ARepeatedWordOfWhereAGatewayWasCostsALookThereAndASearch) {
  thief_->run_for(Duration::seconds(30));
  const auto word = std::find_if(
      thief_->recorded.begin(), thief_->recorded.end(), [](const KeyThief::Frame& frame) {
        return bool(wire::parse_moved(ByteView(frame.body.data(), frame.body.size())));
      });
  ASSERT_NE(word, thief_->recorded.end());
  const KeyThief::Frame repeated = *word;
  const Channel moved{11};
  ASSERT_NE(network_->gateway(0).channel(), moved);
  network_->move_gateway(0, moved, false);
  thief_->run_for(gateway::kChannelNews + Duration::seconds(60));
  ASSERT_TRUE(network_->board(0).online());
  const auto count = [this](node::Count what) {
    return network_->board(0).node()->counters()[what];
  };
  const auto looks = count(node::Count::kMovedChecks);
  const auto searches = count(node::Count::kSearches);
  const auto sessions = count(node::Count::kSessions);
  for (int i = 0; i < 100; ++i) {
    network_->adversary_says(repeated.source, repeated.destination, moved,
                             {repeated.body.data(), repeated.body.size()});
    thief_->run_for(Duration::milliseconds(250));
  }
  EXPECT_EQ(count(node::Count::kMovedChecks), looks + 1);
  EXPECT_EQ(count(node::Count::kSearches), searches + 1);
  EXPECT_EQ(count(node::Count::kSessions), sessions);
  EXPECT_TRUE(network_->board(0).online());
  EXPECT_EQ(network_->board(0).node()->channel(), moved);
}

TEST_F(SecurityClaims, AStolenNetworkKeyReadsTheHelloOfARecordedJoinAndNothingAfterIt) {
  thief_->run_for(Duration::seconds(60));
  ASSERT_TRUE(network_->board(0).online());
  EXPECT_GT(joins_readable_with(network_->network_key(), 0), 0) << "the first message's payload";
  EXPECT_EQ(opened_with(network_->network_key(), 0), 0) << "forward secrecy: not the answer";
  // The control: with the right key the same attempts do open something.
  network_->switch_board_off(0);
  network_->switch_board_on(0);
  thief_->run_for(Duration::seconds(60));
  EXPECT_GT(opened_with(known(0)->key->key, 0), 0) << "a RESUME";
  EXPECT_EQ(opened_with(network_->network_key(), 0), 0);
}

TEST_F(SecurityClaims, AStolenNetworkKeyDoesNotSpeakForAModuleThatHasJoined) {
  thief_->run_for(Duration::seconds(30));
  ASSERT_NE(known(0), nullptr);
  const auto before = known(0)->session_round;
  session::JoinInitiator joiner;
  SeededRandom random(8);
  std::array<std::uint8_t, session::kMaxAuthSize> out{};
  const ByteView join = joiner.start(
      crypto_, random,
      {kSimServer, board_address(0), wire::KeyId::kNetwork, 0, network_->network_key()}, {}, out);
  network_->adversary_says(board_address(0), gateway_address(0), network_->gateway(0).channel(),
                           join);
  thief_->recorded.clear();
  thief_->run_for(Duration::seconds(30));
  bool refused = false;
  for (const KeyThief::Frame& frame : thief_->recorded) {
    const ByteView body(frame.body.data(), frame.body.size());
    refused = refused || joiner.on_refused(crypto_, body).status == session::RefusalStatus::kProven;
  }
  EXPECT_TRUE(refused);
  EXPECT_EQ(known(0)->session_round, before);
  EXPECT_TRUE(network_->board(0).online());
}

/// The price of one key for all: shown, so that nobody thinks otherwise.
TEST_F(SecurityClaims, AStolenNetworkKeyInTheMiddleOfAFirstJoinReadsAndImpersonatesThatModule) {
  network_->switch_board_off(kVictim);
  thief_->network_key = network_->network_key();
  thief_->discovery_key = stolen_discovery_key();
  thief_->victim = board_address(kVictim);
  network_->switch_board_on(kVictim);
  thief_->run_for(Duration::seconds(60));
  EXPECT_GT(thief_->joins_read, 0);
  EXPECT_GT(thief_->reports_read, 0);
  EXPECT_TRUE(thief_->impersonates);
  ASSERT_NE(known(kVictim), nullptr);
  EXPECT_TRUE(known(kVictim)->key) << "the coordinator has a key with the thief";
  thief_->victim.reset();
  thief_->run_for(Duration::seconds(180));
  EXPECT_FALSE(network_->board(kVictim).online()) << "when he leaves, it shows";
}

/// He need not be there at the join: he asks before, in the module's name, and has the key that the
/// hub would give.
TEST_F(SecurityClaims, AStolenNetworkKeyThatHandsOnTheHubsKeyHasNoneOfBothSides) {
  network_->switch_board_off(kVictim);
  thief_->network_key = network_->network_key();
  thief_->discovery_key = stolen_discovery_key();
  thief_->victim = board_address(kVictim);
  for (int i = 0; i < 5 && !thief_->given; ++i) {
    thief_->ask_ahead();
    thief_->run_for(Duration::seconds(2));
  }
  ASSERT_TRUE(thief_->given);
  network_->switch_board_on(kVictim);
  thief_->run_for(Duration::seconds(60));
  EXPECT_GT(thief_->reports_read, 0) << "while he stays he is the network";
  const auto stays = opened_with(thief_->given->node_key, kVictim);
  thief_->victim.reset();
  network_->switch_board_off(kVictim);
  network_->switch_board_on(kVictim);
  thief_->run_for(Duration::seconds(180));
  EXPECT_FALSE(network_->board(kVictim).online()) << "it shows";
  EXPECT_EQ(opened_with(thief_->given->node_key, kVictim), stays) << "and he reads nothing more";
}

TEST_F(SecurityClaims, AStolenNetworkKeyInTheMiddleOfALaterReturnGainsNothing) {
  thief_->run_for(Duration::seconds(30));
  ASSERT_TRUE(network_->board(kVictim).online());
  network_->switch_board_off(kVictim);
  network_->switch_hub(false);  // or the gateway that it knows would be the first to answer
  thief_->denies = true;
  thief_->network_key = network_->network_key();
  thief_->discovery_key = stolen_discovery_key();
  thief_->victim = board_address(kVictim);
  network_->switch_board_on(kVictim);
  thief_->run_for(Duration::seconds(120));
  EXPECT_GT(thief_->denials, 4) << "each RESUME is told that its key is unknown, twice";
  EXPECT_EQ(thief_->joins_read, 0);
  EXPECT_EQ(thief_->reports_read, 0);
  thief_->victim.reset();
  network_->switch_hub(true);
  thief_->run_for(Duration::seconds(120));
  EXPECT_TRUE(network_->board(kVictim).online()) << "delayed for as long as he was there, no more";
}

TEST_F(SecurityClaims, AStolenGatewaysKeyAttractsModulesAndOpensNothing) {
  network_->switch_board_off(kVictim);
  thief_->discovery_key = stolen_discovery_key();
  thief_->victim = board_address(kVictim);
  network_->switch_board_on(kVictim);
  thief_->run_for(Duration::seconds(120));
  EXPECT_EQ(thief_->joins_read, 0);
  EXPECT_EQ(thief_->reports_read, 0);
  EXPECT_EQ(opened_with(*thief_->discovery_key, 0), 0);
  EXPECT_TRUE(network_->board(kVictim).online()) << "who leads nowhere is avoided";
}

TEST_F(SecurityClaims, AStolenModulesFlashIsThatModuleUntilItIsRevoked) {
  thief_->run_for(Duration::seconds(30));
  ASSERT_TRUE(network_->board(0).online());
  const coordinator::NodeKey stolen = *known(0)->key;
  network_->switch_board_off(0);
  Attempt attempt = resume_as(0, stolen);
  ASSERT_TRUE(attempt.session.valid());
  ping_as(0, attempt.session);
  EXPECT_EQ(known(0)->session.id(), attempt.session.id()) << "he is the module";
  ASSERT_TRUE(network_->set_revoked(0, true));
  ping_as(0, attempt.session);
  EXPECT_FALSE(known(0)->session.valid());
  attempt = resume_as(0, stolen);
  EXPECT_FALSE(attempt.session.valid());
  EXPECT_EQ(attempt.refused, wire::RefusedReason::kRevoked);
  network_->switch_hub(false);
  network_->switch_hub(true);
  thief_->run_for(Duration::seconds(2));
  attempt = resume_as(0, stolen);
  EXPECT_FALSE(attempt.session.valid()) << "nor after a restart";
  EXPECT_EQ(attempt.refused, wire::RefusedReason::kRevoked);
}

/// The price of a resume without X25519, which an ESP8266 can't do at each wake.
TEST_F(SecurityClaims, AStolenModulesFlashOpensWhatItSaidInRecordedSessionsThatItsKeyResumed) {
  thief_->run_for(Duration::seconds(30));
  ASSERT_TRUE(network_->board(0).online());
  const Key first = known(0)->key->key;
  EXPECT_EQ(sealed_opened_with(first, 0), 0) << "not the session that its join began";
  network_->switch_board_off(0);
  network_->switch_board_on(0);
  thief_->run_for(Duration::seconds(60));
  const int opened = sealed_opened_with(first, 0);
  EXPECT_GT(opened, 0);
  ASSERT_TRUE(network_->change_key(3));
  thief_->run_for(Duration::seconds(60));
  ASSERT_NE(known(0)->key->key, first);
  EXPECT_EQ(sealed_opened_with(known(0)->key->key, 0), 0) << "nor with the key that came after it";
}

TEST_F(SecurityClaims, AStolenModulesFlashSpeaksForNobodyElseAndOpensNothingOfOthers) {
  thief_->run_for(Duration::seconds(30));
  network_->switch_board_off(kVictim);
  network_->switch_board_on(kVictim);
  thief_->run_for(Duration::seconds(30));
  ASSERT_TRUE(network_->board(kVictim).online());
  const coordinator::NodeKey stolen = *known(0)->key;
  EXPECT_EQ(opened_with(stolen.key, kVictim), 0);
  EXPECT_GT(opened_with(known(kVictim)->key->key, kVictim), 0) << "the control: its own does";
  const std::uint8_t session = known(kVictim)->session.id();
  const Attempt attempt = resume_as(kVictim, stolen);
  EXPECT_FALSE(attempt.session.valid());
  EXPECT_FALSE(attempt.refused) << "nobody here has that key: a hint, no proof";
  EXPECT_EQ(known(kVictim)->session.id(), session);
  EXPECT_TRUE(network_->board(kVictim).online());
}

}  // namespace
}  // namespace espial::sim
