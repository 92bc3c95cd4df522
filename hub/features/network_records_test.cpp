#include "hub/features/network_records.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/session/key_wrap.hpp"
#include "ports/linux/crypto_sodium.hpp"
#include "ports/linux/random_linux.hpp"

namespace espial::features {
namespace {

class NetworkRecords : public testing::Test {
 protected:
  NetworkRecords() {
    random_.fill(wrap_key_);
    node_.mac = MacAddress{{2, 0, 0, 0, 0, 7}};
    node_.key = coordinator::NodeKey{{}, 3, 5};
    node_.revoked = true;
    random_.fill(node_.key->key);
    session_.mac = node_.mac;
    session_.stream_id = 0x89abcdef;
    random_.fill(MutableByteView(session_.state.data(), session_.state.size()));
  }

  CryptoSodium crypto_;
  RandomLinux random_;
  Key wrap_key_{};
  coordinator::NodeRecord node_;
  coordinator::SessionRecord session_;
};

TEST_F(NetworkRecords, KeysReadBackAndDoNotLieOpen) {
  const store::Bytes wrapped = wrap_node(node_, wrap_key_, crypto_, random_);
  EXPECT_LE(wrapped.size(), store::kMaxWrappedBytes);
  const Key& key = node_.key->key;
  EXPECT_EQ(std::search(wrapped.begin(), wrapped.end(), key.begin(), key.end()), wrapped.end());
  coordinator::NodeRecord again;
  again.mac = node_.mac;
  ASSERT_TRUE(unwrap_node(wrapped, wrap_key_, crypto_, again));
  ASSERT_TRUE(again.key);
  EXPECT_EQ(again.key->key, key);
  EXPECT_EQ(again.key->generation, 3);
  EXPECT_EQ(again.key->network_generation, 5);
  EXPECT_TRUE(again.revoked);
  EXPECT_FALSE(again.pending_key);
}

TEST_F(NetworkRecords, KeysOfTheFirstVersionReadBack) {
  std::array<std::uint8_t, 69> plain{1, 1, 3};
  std::copy_n(node_.key->key.begin(), kKeySize, plain.begin() + 3);
  const std::array<std::uint8_t, 10> row{'n', 'o', 'd', 'e', 2, 0, 0, 0, 0, 7};
  store::Bytes wrapped(plain.size() + session::kWrapOverhead);
  session::wrap(crypto_, random_, wrap_key_, row, plain, wrapped.data());
  coordinator::NodeRecord again;
  again.mac = node_.mac;
  ASSERT_TRUE(unwrap_node(wrapped, wrap_key_, crypto_, again));
  EXPECT_EQ(again.key->key, node_.key->key);
  EXPECT_EQ(again.key->generation, 3);
  EXPECT_EQ(again.key->network_generation, 0);
  EXPECT_FALSE(again.revoked);
  EXPECT_FALSE(again.pending_key);
}

TEST_F(NetworkRecords, SessionsReadBack) {
  const store::Bytes wrapped = wrap_session(session_, wrap_key_, crypto_, random_);
  EXPECT_LE(wrapped.size(), store::kMaxWrappedBytes);
  coordinator::SessionRecord again;
  again.mac = session_.mac;
  ASSERT_TRUE(unwrap_session(wrapped, wrap_key_, crypto_, again));
  EXPECT_EQ(again.state, session_.state);
  EXPECT_EQ(again.stream_id, session_.stream_id);
}

TEST_F(NetworkRecords, AnotherRowsRecordDoesNotUnwrap) {
  store::Bytes wrapped = wrap_node(node_, wrap_key_, crypto_, random_);
  coordinator::NodeRecord other;
  other.mac = MacAddress{{2, 0, 0, 0, 0, 8}};
  EXPECT_FALSE(unwrap_node(wrapped, wrap_key_, crypto_, other)) << "another node";
  coordinator::NodeRecord same;
  same.mac = node_.mac;
  Key other_key = wrap_key_;
  other_key[0] ^= 1;
  EXPECT_FALSE(unwrap_node(wrapped, other_key, crypto_, same)) << "another key file";
  wrapped.back() ^= 1;
  EXPECT_FALSE(unwrap_node(wrapped, wrap_key_, crypto_, same)) << "damaged";
  wrapped.pop_back();
  EXPECT_FALSE(unwrap_node(wrapped, wrap_key_, crypto_, same)) << "cut";
  EXPECT_FALSE(unwrap_node({}, wrap_key_, crypto_, same)) << "empty";
}

}  // namespace
}  // namespace espial::features
