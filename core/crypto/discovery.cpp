#include "core/crypto/discovery.hpp"

#include <algorithm>
#include <string_view>

#include "core/base/byte_writer.hpp"
#include "core/crypto/hkdf.hpp"

namespace espial::crypto {
namespace {

/// HMAC over label ‖ signed part ‖ MAC ‖ challenge; the last two may be empty.
Hash tagged(Crypto& crypto, const Key& key, std::string_view label, ByteView signed_part,
            ByteView mac, ByteView challenge) {
  std::array<std::uint8_t, 64> buffer;
  ByteWriter text(buffer);
  text.bytes(as_bytes(label)).bytes(signed_part).bytes(mac).bytes(challenge);
  return crypto.hmac_sha256(key, text.written());
}

template <typename Tag>
Tag first_of(const Hash& hash) {
  Tag tag;
  std::copy_n(hash.begin(), tag.size(), tag.begin());
  return tag;
}

}  // namespace

Key discovery_key(Crypto& crypto, const Key& network_key, ServerId server) {
  std::array<std::uint8_t, 32> buffer;
  ByteWriter info(buffer);
  info.bytes(as_bytes("espial discovery")).u8(server.value);
  return derive_key(crypto, {}, network_key, info.written());
}

wire::DiscoveryTag connack_tag(Crypto& crypto, const Key& discovery_key, ByteView connack,
                               const MacAddress& mac) {
  return first_of<wire::DiscoveryTag>(tagged(crypto, discovery_key, "espial connack",
                                             connack.subview(0, wire::kConnackSignedSize),
                                             mac.octets, {}));
}

wire::DiscoveryTag moved_tag(Crypto& crypto, const Key& discovery_key, ByteView moved) {
  return first_of<wire::DiscoveryTag>(tagged(crypto, discovery_key, "espial moved",
                                             moved.subview(0, wire::kMovedSignedSize), {}, {}));
}

RefusedProof refused_proof(Crypto& crypto, const Key& named_key, ByteView head,
                           const MacAddress& mac, ByteView challenge) {
  return first_of<RefusedProof>(tagged(crypto, named_key, "espial refused",
                                       head.subview(0, wire::kRefusedSignedSize), mac.octets,
                                       challenge.subview(0, wire::kRefusedEchoSize)));
}

}  // namespace espial::crypto
