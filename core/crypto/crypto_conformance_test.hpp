#pragma once

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/hex_test.hpp"
#include "core/crypto/hkdf.hpp"
#include "core/port/crypto.hpp"

namespace espial::crypto {

/// What every platform's crypto port must answer: the RFCs' own vectors, and the port's promises.
/// A platform instantiates it with its class, which must be default-constructible:
///
///     INSTANTIATE_TYPED_TEST_SUITE_P(Sodium, CryptoConformance, CryptoSodium);
template <typename Port>
class CryptoConformance : public testing::Test {
 protected:
  Port crypto_;
};
TYPED_TEST_SUITE_P(CryptoConformance);

/// RFC 8439, A.5: its nonce begins with four zero bytes, as ours do.
struct Rfc8439 {
  static constexpr std::uint64_t kCounter = 0x0807060504030201;
  const Key key = key_from_hex("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0");
  const std::vector<std::uint8_t> associated_data = from_hex("f33388860000000000004e91");
  const std::string plaintext =
      "Internet-Drafts are draft documents valid for a maximum of six months and may be updated, "
      "replaced, or obsoleted by other documents at any time. It is inappropriate to use "
      "Internet-Drafts as reference material or to cite them other than as "
      "/\xe2\x80\x9cwork in progress./\xe2\x80\x9d";
  const std::string ciphertext =
      "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e382d"
      "26b0bdb7b73c321b0100d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1"
      "ff37c8559797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4b9166c767b804d46a59b"
      "5216cde7a4e99040c5a40433225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a0d072b04b3564eea"
      "1b422273f548271a0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a1049e617d91d36"
      "1094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29a6ad5cb4022b02709b"
      "eead9d67890cbb22392336fea1851f38";
};

TYPED_TEST_P(CryptoConformance, SealsAndOpensAsRfc8439) {
  const Rfc8439 rfc;
  std::vector<std::uint8_t> sealed(rfc.plaintext.size() + kTagSize);
  this->crypto_.seal(rfc.key, Rfc8439::kCounter, view(rfc.associated_data), as_bytes(rfc.plaintext),
                     sealed.data());
  EXPECT_EQ(to_hex(view(sealed)), rfc.ciphertext);

  std::vector<std::uint8_t> opened(rfc.plaintext.size());
  ASSERT_TRUE(this->crypto_.open(rfc.key, Rfc8439::kCounter, view(rfc.associated_data),
                                 view(sealed), opened.data()));
  EXPECT_EQ(std::string(opened.begin(), opened.end()), rfc.plaintext);
}

TYPED_TEST_P(CryptoConformance, SealsAndOpensInPlace) {
  const Rfc8439 rfc;
  std::vector<std::uint8_t> buffer(rfc.plaintext.begin(), rfc.plaintext.end());
  buffer.resize(buffer.size() + kTagSize);
  this->crypto_.seal(rfc.key, Rfc8439::kCounter, view(rfc.associated_data),
                     {buffer.data(), rfc.plaintext.size()}, buffer.data());
  EXPECT_EQ(to_hex(view(buffer)), rfc.ciphertext);
  ASSERT_TRUE(this->crypto_.open(rfc.key, Rfc8439::kCounter, view(rfc.associated_data),
                                 view(buffer), buffer.data()));
  EXPECT_EQ(std::string(buffer.begin(), buffer.end() - kTagSize), rfc.plaintext);
}

TYPED_TEST_P(CryptoConformance, OpensNothingThatWasTouched) {
  const Rfc8439 rfc;
  const auto sealed = from_hex(rfc.ciphertext);
  std::vector<std::uint8_t> out(sealed.size());
  const auto opens = [&](const Key& key, std::uint64_t counter, ByteView data, ByteView bytes) {
    return this->crypto_.open(key, counter, data, bytes, out.data());
  };
  const ByteView data = view(rfc.associated_data);
  ASSERT_TRUE(opens(rfc.key, Rfc8439::kCounter, data, view(sealed)));
  for (const std::size_t position : {std::size_t{0}, sealed.size() - kTagSize, sealed.size() - 1}) {
    auto touched = sealed;
    touched[position] ^= 1;
    EXPECT_FALSE(opens(rfc.key, Rfc8439::kCounter, data, view(touched))) << position;
  }
  Key other_key = rfc.key;
  other_key[31] ^= 0x80;
  EXPECT_FALSE(opens(other_key, Rfc8439::kCounter, data, view(sealed)));
  EXPECT_FALSE(opens(rfc.key, Rfc8439::kCounter + 1, data, view(sealed)));
  EXPECT_FALSE(opens(rfc.key, Rfc8439::kCounter, data.subview(1), view(sealed)));
  EXPECT_FALSE(opens(rfc.key, Rfc8439::kCounter, data, view(sealed).subview(1)));
}

TYPED_TEST_P(CryptoConformance, OpensNothingShorterThanATag) {
  const std::array<std::uint8_t, kTagSize> bytes{};
  std::array<std::uint8_t, 1> out{};
  for (std::size_t size = 0; size < kTagSize; ++size) {
    EXPECT_FALSE(this->crypto_.open({}, 0, {}, ByteView(bytes).subview(0, size), out.data()));
  }
}

TYPED_TEST_P(CryptoConformance, SealsNothingIntoATag) {
  std::array<std::uint8_t, kTagSize> tag{};
  this->crypto_.seal({}, 7, as_bytes("header"), {}, tag.data());
  EXPECT_TRUE(this->crypto_.open({}, 7, as_bytes("header"), tag, tag.data()));
}

TYPED_TEST_P(CryptoConformance, HashesAsFips180) {
  EXPECT_EQ(to_hex(this->crypto_.sha256({})),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(this->crypto_.sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TYPED_TEST_P(CryptoConformance, AuthenticatesAsRfc4231) {
  struct Case {
    std::vector<std::uint8_t> key;
    std::string data;
    std::string mac;
  };
  const std::vector<Case> cases = {
      {std::vector<std::uint8_t>(20, 0x0b), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {{'J', 'e', 'f', 'e'},
       "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::vector<std::uint8_t>(20, 0xaa), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {std::vector<std::uint8_t>(131, 0xaa),
       "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {std::vector<std::uint8_t>(131, 0xaa),
       "This is a test using a larger than block-size key and a larger than block-size data. The "
       "key needs to be hashed before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const Case& each : cases) {
    const ByteView data = as_bytes(each.data);
    EXPECT_EQ(to_hex(this->crypto_.hmac_sha256(view(each.key), data)), each.mac);
    // In two parts it is the same.
    EXPECT_EQ(
        to_hex(this->crypto_.hmac_sha256(view(each.key), data.subview(0, 3), data.subview(3))),
        each.mac);
  }
}

TYPED_TEST_P(CryptoConformance, DerivesAsRfc5869) {
  const auto run = [](std::uint8_t first, std::size_t size) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(first + i));
    return bytes;
  };
  const auto hkdf = [&](ByteView salt, ByteView key, ByteView info, std::size_t size) {
    std::vector<std::uint8_t> out(size);
    hkdf_expand(this->crypto_, hkdf_extract(this->crypto_, salt, key), info,
                {out.data(), out.size()});
    return to_hex(view(out));
  };
  const std::vector<std::uint8_t> key(22, 0x0b);
  EXPECT_EQ(hkdf(view(run(0, 13)), view(key), view(run(0xf0, 10)), 42),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  EXPECT_EQ(hkdf(view(run(0x60, 80)), view(run(0, 80)), view(run(0xb0, 80)), 82),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41"
            "c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
  EXPECT_EQ(hkdf({}, view(key), {}, 42),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TYPED_TEST_P(CryptoConformance, AgreesAsRfc7748) {
  const auto agreed = [&](std::string_view secret, std::string_view point) {
    Key shared{};
    EXPECT_TRUE(this->crypto_.x25519(key_from_hex(secret), key_from_hex(point), shared));
    return to_hex(shared);
  };
  EXPECT_EQ(agreed("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
                   "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"),
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
  EXPECT_EQ(agreed("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
                   "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"),
            "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
  constexpr std::string_view kBob =
      "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
  EXPECT_EQ(to_hex(this->crypto_.x25519_public_key(key_from_hex(kBob))),
            "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  EXPECT_EQ(agreed(kBob, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"),
            "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

TYPED_TEST_P(CryptoConformance, IgnoresTheHighestBitOfAPoint) {
  Key secret{};
  secret.fill(0x40);
  Key point{9};
  Key expected{};
  Key shared{};
  ASSERT_TRUE(this->crypto_.x25519(secret, point, expected));
  EXPECT_EQ(to_hex(expected), to_hex(this->crypto_.x25519_public_key(secret)));
  point[31] |= 0x80;
  ASSERT_TRUE(this->crypto_.x25519(secret, point, shared));
  EXPECT_EQ(to_hex(shared), to_hex(expected));
}

TYPED_TEST_P(CryptoConformance, RefusesPointsOfLowOrder) {
  // All there are: of order 4, 1, 8, 8 and 2, and the first two again as numbers past the prime.
  constexpr std::array<std::string_view, 7> kPoints = {
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
      "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};
  Key shared{};
  Key secret{};
  secret.fill(0x40);
  for (const std::string_view each : kPoints) {
    Key point = key_from_hex(each);
    EXPECT_FALSE(this->crypto_.x25519(secret, point, shared)) << each;
    point[31] |= 0x80;
    EXPECT_FALSE(this->crypto_.x25519(secret, point, shared)) << each;
  }
}

TYPED_TEST_P(CryptoConformance, ComparesAndWipes) {
  auto secret = from_hex("0102030405");
  EXPECT_TRUE(this->crypto_.equal(view(secret), view(from_hex("0102030405"))));
  EXPECT_FALSE(this->crypto_.equal(view(secret), view(from_hex("0102030406"))));
  EXPECT_FALSE(this->crypto_.equal(view(secret), view(from_hex("01020304"))));
  EXPECT_FALSE(this->crypto_.equal(view(from_hex("01020304")), view(secret)));
  EXPECT_TRUE(this->crypto_.equal({}, {}));
  this->crypto_.wipe({secret.data(), secret.size()});
  EXPECT_EQ(to_hex(view(secret)), "0000000000");
}

REGISTER_TYPED_TEST_SUITE_P(CryptoConformance, SealsAndOpensAsRfc8439, SealsAndOpensInPlace,
                            OpensNothingThatWasTouched, OpensNothingShorterThanATag,
                            SealsNothingIntoATag, HashesAsFips180, AuthenticatesAsRfc4231,
                            DerivesAsRfc5869, AgreesAsRfc7748, IgnoresTheHighestBitOfAPoint,
                            RefusesPointsOfLowOrder, ComparesAndWipes);

}  // namespace espial::crypto
