#include "core/crypto/discovery.hpp"

#include <algorithm>
#include <string_view>

#include "core/crypto/hkdf.hpp"

namespace espial::crypto {
namespace {

/// Joins the parts of a message whose size is known and small.
class Joined {
 public:
  Joined& add(ByteView part) {
    const std::size_t count = std::min(part.size(), bytes_.size() - size_);
    std::copy_n(part.begin(), count, bytes_.begin() + size_);
    size_ += count;
    return *this;
  }
  Joined& add(std::string_view text) { return add(as_bytes(text)); }
  operator ByteView() const { return {bytes_.data(), size_}; }

 private:
  std::array<std::uint8_t, 64> bytes_;
  std::size_t size_ = 0;
};

template <typename Tag>
Tag first_of(const Hash& hash) {
  Tag tag;
  std::copy_n(hash.begin(), tag.size(), tag.begin());
  return tag;
}

}  // namespace

Key discovery_key(Crypto& crypto, const Key& network_key, ServerId server) {
  const std::array<std::uint8_t, 1> number{server.value};
  return derive_key(crypto, {}, network_key, Joined().add("espial discovery").add(number));
}

wire::DiscoveryTag connack_tag(Crypto& crypto, const Key& discovery_key, ByteView before_tag,
                               const MacAddress& mac) {
  const Joined tagged = Joined()
                            .add("espial connack")
                            .add(before_tag.subview(0, wire::kConnackSignedSize))
                            .add(mac.octets);
  return first_of<wire::DiscoveryTag>(crypto.hmac_sha256(discovery_key, tagged));
}

wire::DiscoveryTag moved_tag(Crypto& crypto, const Key& discovery_key, ByteView before_tag) {
  return first_of<wire::DiscoveryTag>(crypto.hmac_sha256(
      discovery_key, as_bytes("espial moved"), before_tag.subview(0, wire::kMovedSignedSize)));
}

RefusedProof refused_proof(Crypto& crypto, const Key& named_key, ByteView head,
                           const MacAddress& mac, ByteView challenge) {
  const Joined proved = Joined()
                            .add("espial refused")
                            .add(head.subview(0, wire::kRefusedSignedSize))
                            .add(mac.octets)
                            .add(challenge.subview(0, wire::kRefusedEchoSize));
  return first_of<RefusedProof>(crypto.hmac_sha256(named_key, proved));
}

}  // namespace espial::crypto
