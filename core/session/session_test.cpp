#include "core/session/session.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "core/crypto/vectors_test.hpp"
#include "core/port/radio.hpp"
#include "ports/linux/crypto_sodium.hpp"

namespace espial::session {
namespace {

using Buffer = std::array<std::uint8_t, kMaxBodyV2>;
using Bytes = std::vector<std::uint8_t>;

constexpr ServerId kServer{7};
constexpr std::uint8_t kId = 5;

/// A session's two ends, with much reserved.
class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    keys_.uplink.fill(0x11);
    keys_.downlink.fill(0x22);
    node_ = Session(Side::kNode, kServer, kId, keys_);
    coordinator_ = Session(Side::kCoordinator, kServer, kId, keys_);
    node_.reserve(1'000'000);
    coordinator_.reserve(1'000'000);
  }

  Bytes seal(Session& session, ByteView plaintext, Listening listening = Listening::kNo) {
    Buffer out;
    const Sealed sealed = session.seal(crypto_, listening, plaintext, out);
    EXPECT_EQ(sealed.status, SealStatus::kOk);
    return {sealed.body.begin(), sealed.body.end()};
  }
  OpenStatus open(Session& session, ByteView body) {
    Buffer out;
    const Opened opened = session.open(crypto_, body, out);
    // What is refused gives nothing away.
    EXPECT_EQ(opened.plaintext.empty(), opened.status != OpenStatus::kOk);
    return opened.status;
  }

  CryptoSodium crypto_;
  SessionKeys keys_;
  Session node_;
  Session coordinator_;
  const Bytes ping_ = from_hex("c000");
};

TEST_F(SessionTest, SealsAndOpensTheGoldenFrames) {
  const auto vectors = load_vectors("session_crypto.json");
  const SessionKeys keys{key_of(vectors.at("sealed_keys"), "uplink_key"),
                         key_of(vectors.at("sealed_keys"), "downlink_key")};
  ASSERT_GE(vectors.at("sealed").size(), 9u);
  for (const auto& each : vectors.at("sealed")) {
    SCOPED_TRACE(each.at("name"));
    const bool from_node = each.at("side") == "node";
    const std::uint64_t counter = std::stoull(each.at("counter").get<std::string>());
    const auto body = bytes_of(each, "body");
    const auto plaintext = bytes_of(each, "plaintext");
    const auto end = [&](Side side) { return Session(side, kServer, kId, keys); };

    Session sender = end(from_node ? Side::kNode : Side::kCoordinator);
    sender.reserve(counter);
    // A saved session goes on at its limit.
    sender = *Session::load(crypto_, sender.save(crypto_));
    sender.reserve(counter + 1);
    Bytes expected = body;
    expected[0] &= 0xfd;  // a gateway sets MORE
    const bool listening = each.at("listening").get<bool>();
    EXPECT_EQ(
        to_hex(view(seal(sender, view(plaintext), listening ? Listening::kYes : Listening::kNo))),
        to_hex(view(expected)));

    Session receiver = end(from_node ? Side::kCoordinator : Side::kNode);
    if (counter > 0) receiver.restart_receive_after(counter - 1);
    Buffer out;
    const Opened opened = receiver.open(crypto_, view(body), out);
    EXPECT_EQ(opened.status, OpenStatus::kOk);
    EXPECT_EQ(to_hex(opened.plaintext), to_hex(view(plaintext)));
    EXPECT_EQ(opened.counter, counter);
    EXPECT_EQ(opened.listening, listening);
    EXPECT_EQ(opened.more, each.at("more").get<bool>());
  }
}

TEST_F(SessionTest, SealsNothingThatIsNotReserved) {
  Session session(Side::kNode, kServer, kId, keys_);
  Buffer out;
  const auto status = [&] {
    return session.seal(crypto_, Listening::kNo, view(ping_), out).status;
  };
  EXPECT_EQ(status(), SealStatus::kCounterNotReserved);
  session.reserve(2);
  session.reserve(1);  // never lowers
  EXPECT_EQ(status(), SealStatus::kOk);
  EXPECT_EQ(status(), SealStatus::kOk);
  EXPECT_EQ(status(), SealStatus::kCounterNotReserved);
  EXPECT_EQ(session.next_counter(), 2u);
}

TEST_F(SessionTest, ARefusedSealUsesNoCounter) {
  std::array<std::uint8_t, kMaxBodyV2 + 100> out;
  Bytes longest(wire::sealed_room(kMaxBodyV2) + 1);
  EXPECT_EQ(node_.seal(crypto_, Listening::kNo, view(longest), out).status, SealStatus::kBadSize);
  EXPECT_EQ(node_.seal(crypto_, Listening::kNo, {}, out).status, SealStatus::kBadSize);
  EXPECT_EQ(node_.seal(crypto_, Listening::kNo, view(ping_), {out.data(), 23}).status,
            SealStatus::kBadSize);
  EXPECT_EQ(node_.next_counter(), 0u);
  longest.pop_back();
  EXPECT_EQ(node_.seal(crypto_, Listening::kNo, view(longest), out).status, SealStatus::kOk);
  EXPECT_EQ(node_.seal(crypto_, Listening::kNo, view(ping_), {out.data(), 24}).status,
            SealStatus::kOk);
}

TEST_F(SessionTest, SealsWhatStandsInItsOwnBuffer) {
  Bytes plaintext(300);
  for (std::size_t i = 0; i < plaintext.size(); ++i) plaintext[i] = static_cast<std::uint8_t>(i);
  for (const std::size_t at : {0u, 5u, 8u, 100u}) {
    Buffer out;
    std::copy(plaintext.begin(), plaintext.end(), out.begin() + at);
    const Sealed sealed =
        node_.seal(crypto_, Listening::kNo, {out.data() + at, plaintext.size()}, out);
    ASSERT_EQ(sealed.status, SealStatus::kOk);
    Buffer opened_into;
    const Opened opened = coordinator_.open(crypto_, sealed.body, opened_into);
    EXPECT_EQ(to_hex(opened.plaintext), to_hex(view(plaintext))) << at;
  }
}

TEST_F(SessionTest, OpensWhereTheBodyStands) {
  Bytes body = seal(node_, view(ping_), Listening::kYes);
  const Opened opened = coordinator_.open_in_place(crypto_, {body.data(), body.size()});
  EXPECT_EQ(opened.status, OpenStatus::kOk);
  EXPECT_EQ(to_hex(opened.plaintext), "c000");
  EXPECT_TRUE(opened.listening);
  Bytes again = seal(node_, view(ping_));
  again.back() ^= 1;
  EXPECT_EQ(coordinator_.open_in_place(crypto_, {again.data(), again.size()}).status,
            OpenStatus::kNotAuthentic);
  EXPECT_EQ(coordinator_.open_in_place(crypto_, {again.data(), 3}).status, OpenStatus::kTooShort);
}

TEST_F(SessionTest, OpensEachFrameOnceInAnyOrder) {
  const Bytes first = seal(node_, view(ping_));
  const Bytes second = seal(node_, view(ping_));
  EXPECT_EQ(open(coordinator_, view(second)), OpenStatus::kOk);
  EXPECT_EQ(open(coordinator_, view(first)), OpenStatus::kOk);
  EXPECT_EQ(open(coordinator_, view(first)), OpenStatus::kReplayed);
  EXPECT_EQ(open(coordinator_, view(second)), OpenStatus::kReplayed);
}

TEST_F(SessionTest, RefusesWhatIsOlderThanTheWindow) {
  const Bytes oldest = seal(node_, view(ping_));
  Bytes latest;
  for (std::uint64_t i = 0; i < kReplayWindowSize; ++i) latest = seal(node_, view(ping_));
  EXPECT_EQ(open(coordinator_, view(latest)), OpenStatus::kOk);
  EXPECT_EQ(open(coordinator_, view(oldest)), OpenStatus::kTooOld);
}

TEST_F(SessionTest, AForgedFrameMovesNothing) {
  const Bytes first = seal(node_, view(ping_));
  const Bytes second = seal(node_, view(ping_));
  // A forger may claim any counter, far ahead as well.
  for (const auto& [low, high] : {std::pair<std::uint8_t, std::uint8_t>{1, 0}, {0xff, 0x7f}}) {
    Bytes forged = second;
    forged[4] = low;
    forged[5] = high;
    forged.back() ^= 1;
    EXPECT_EQ(open(coordinator_, view(forged)), OpenStatus::kNotAuthentic);
  }
  EXPECT_TRUE(coordinator_.receive_window().empty());
  EXPECT_EQ(open(coordinator_, view(first)), OpenStatus::kOk);
  EXPECT_EQ(open(coordinator_, view(second)), OpenStatus::kOk);
}

TEST_F(SessionTest, EveryBitButMoreIsUnderTheTag) {
  const Bytes body = seal(coordinator_, view(ping_));
  for (std::size_t bit = 0; bit < 8 * body.size(); ++bit) {
    Bytes touched = body;
    touched[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    Session receiver = node_;
    const OpenStatus status = open(receiver, view(touched));
    if (bit == 1) {
      EXPECT_EQ(status, OpenStatus::kOk);
    } else {
      EXPECT_NE(status, OpenStatus::kOk) << bit;
      EXPECT_TRUE(receiver.receive_window().empty());
    }
  }
}

TEST_F(SessionTest, GradesItsRefusals) {
  const Bytes body = seal(node_, view(ping_));
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_EQ(open(coordinator_, view(body).subview(0, size)), OpenStatus::kTooShort) << size;
  }
  Bytes longer = body;
  longer.push_back(0);
  EXPECT_EQ(open(coordinator_, view(longer)), OpenStatus::kTooShort);
  std::array<std::uint8_t, 1> small;
  EXPECT_EQ(coordinator_.open(crypto_, view(body), small).status, OpenStatus::kTooLong);

  // Its own direction, another network, another session, another packet, no session at all.
  EXPECT_EQ(open(node_, view(body)), OpenStatus::kWrongSession);
  Session elsewhere(Side::kCoordinator, ServerId{8}, kId, keys_);
  EXPECT_EQ(open(elsewhere, view(body)), OpenStatus::kWrongSession);
  Session another(Side::kCoordinator, kServer, kId + 1, keys_);
  EXPECT_EQ(open(another, view(body)), OpenStatus::kWrongSession);
  Session none;
  EXPECT_EQ(open(none, view(body)), OpenStatus::kWrongSession);
  Bytes publish = body;
  publish[0] = 0x30;
  EXPECT_EQ(open(coordinator_, view(publish)), OpenStatus::kWrongSession);
  Bytes peer = body;
  peer[0] |= 0x08;
  EXPECT_EQ(open(coordinator_, view(peer)), OpenStatus::kWrongSession);
}

TEST_F(SessionTest, NoSessionSealsNothing) {
  Session none;
  none.reserve(10);
  Buffer out;
  EXPECT_EQ(none.seal(crypto_, Listening::kNo, view(ping_), out).status,
            SealStatus::kCounterNotReserved);
}

TEST_F(SessionTest, ASavedSessionGoesOnAtItsLimit) {
  Session session(Side::kNode, kServer, kId, keys_);
  session.reserve(64);
  seal(session, view(ping_));
  auto restored = Session::load(crypto_, session.save(crypto_));
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->next_counter(), 64u);
  EXPECT_EQ(restored->reserved_until(), 64u);

  session.release_reserved();
  restored = Session::load(crypto_, session.save(crypto_));
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->next_counter(), 1u);
  restored->reserve(2);
  EXPECT_EQ(open(coordinator_, view(seal(*restored, view(ping_)))), OpenStatus::kOk);
}

TEST_F(SessionTest, ASavedSessionRemembersWhatItHasOpened) {
  const Bytes first = seal(node_, view(ping_));
  const Bytes second = seal(node_, view(ping_));
  EXPECT_EQ(open(coordinator_, view(second)), OpenStatus::kOk);
  auto restored = Session::load(crypto_, coordinator_.save(crypto_));
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->side(), Side::kCoordinator);
  EXPECT_EQ(restored->server(), kServer);
  EXPECT_EQ(restored->id(), kId);
  EXPECT_EQ(open(*restored, view(second)), OpenStatus::kReplayed);
  EXPECT_EQ(open(*restored, view(first)), OpenStatus::kOk);

  restored->restart_receive_after(5);
  EXPECT_EQ(open(*restored, view(first)), OpenStatus::kReplayed);
}

TEST_F(SessionTest, DamagedStatesAreRefused) {
  const Session::State state = node_.save(crypto_);
  ASSERT_TRUE(Session::load(crypto_, state));
  for (std::size_t i = 0; i < state.size(); ++i) {
    Session::State damaged = state;
    damaged[i] ^= 0x01;
    EXPECT_FALSE(Session::load(crypto_, damaged)) << i;
  }
  EXPECT_FALSE(Session::load(crypto_, ByteView(state).subview(0, state.size() - 1)));
  EXPECT_FALSE(Session::load(crypto_, {}));
  EXPECT_FALSE(Session::load(crypto_, Session::State{}));
  EXPECT_FALSE(Session::load(crypto_, Session().save(crypto_)));
}

TEST_F(SessionTest, ARetainedSessionGoesOnWithTheNextCounter) {
  seal(node_, view(ping_));
  const Bytes opened = seal(coordinator_, view(ping_));
  const Bytes missed = seal(coordinator_, view(ping_));
  const Bytes latest = seal(coordinator_, view(ping_));
  EXPECT_EQ(open(node_, view(opened)), OpenStatus::kOk);
  EXPECT_EQ(open(node_, view(latest)), OpenStatus::kOk);
  std::array<std::uint8_t, Session::kRetainedSize> bytes{};
  ByteWriter out(bytes);
  node_.retain(out);
  EXPECT_EQ(out.size(), Session::kRetainedSize);

  ByteReader in(bytes);
  Session restored = Session::from_retained(kServer, in);
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(restored.id(), kId);
  Buffer frame;
  EXPECT_EQ(restored.seal(crypto_, Listening::kNo, view(ping_), frame).status,
            SealStatus::kCounterNotReserved);
  restored.reserve(UINT64_MAX);
  EXPECT_EQ(restored.next_counter(), 1U);
  EXPECT_EQ(open(coordinator_, view(seal(restored, view(ping_)))), OpenStatus::kOk);
  EXPECT_EQ(open(restored, view(opened)), OpenStatus::kReplayed);
  EXPECT_EQ(open(restored, view(latest)), OpenStatus::kReplayed);
  EXPECT_EQ(open(restored, view(missed)), OpenStatus::kOk);
}

TEST_F(SessionTest, WhatLiesBehindARetainedWindowCountsAsOpened) {
  const Bytes oldest = seal(coordinator_, view(ping_));
  Bytes latest;
  for (std::uint64_t i = 0; i < ReplayWindow::kRecent; ++i) {
    latest = seal(coordinator_, view(ping_));
  }
  EXPECT_EQ(open(node_, view(latest)), OpenStatus::kOk);
  std::array<std::uint8_t, Session::kRetainedSize> bytes{};
  ByteWriter out(bytes);
  node_.retain(out);
  ByteReader in(bytes);
  Session restored = Session::from_retained(kServer, in);
  EXPECT_EQ(open(restored, view(oldest)), OpenStatus::kReplayed);
  EXPECT_EQ(open(node_, view(oldest)), OpenStatus::kOk);
}

TEST_F(SessionTest, AWipedSessionIsNone) {
  node_.wipe(crypto_);
  EXPECT_FALSE(node_.valid());
  Buffer out;
  EXPECT_EQ(node_.seal(crypto_, Listening::kNo, view(ping_), out).status,
            SealStatus::kCounterNotReserved);
}

}  // namespace
}  // namespace espial::session
