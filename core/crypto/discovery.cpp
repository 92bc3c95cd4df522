#include "core/crypto/discovery.hpp"

#include <algorithm>
#include <string_view>

#include "core/base/byte_writer.hpp"
#include "core/crypto/hkdf.hpp"

namespace espial::crypto {
namespace {

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

wire::DiscoveryTag connack_tag(Crypto& crypto, const Key& discovery_key, ByteView before_tag,
                               const MacAddress& mac) {
  std::array<std::uint8_t, 64> buffer;
  ByteWriter tagged(buffer);
  tagged.bytes(as_bytes("espial connack"))
      .bytes(before_tag.subview(0, wire::kConnackSignedSize))
      .mac(mac);
  return first_of<wire::DiscoveryTag>(crypto.hmac_sha256(discovery_key, tagged.written()));
}

wire::DiscoveryTag moved_tag(Crypto& crypto, const Key& discovery_key, ByteView before_tag) {
  return first_of<wire::DiscoveryTag>(crypto.hmac_sha256(
      discovery_key, as_bytes("espial moved"), before_tag.subview(0, wire::kMovedSignedSize)));
}

RefusedProof refused_proof(Crypto& crypto, const Key& named_key, ByteView head,
                           const MacAddress& mac, ByteView challenge) {
  std::array<std::uint8_t, 64> buffer;
  ByteWriter proved(buffer);
  proved.bytes(as_bytes("espial refused"))
      .bytes(head.subview(0, wire::kRefusedSignedSize))
      .mac(mac)
      .bytes(challenge.subview(0, wire::kRefusedEchoSize));
  return first_of<RefusedProof>(crypto.hmac_sha256(named_key, proved.written()));
}

}  // namespace espial::crypto
