#include "hub/features/network_records.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/base/byte_reader.hpp"
#include "core/session/key_wrap.hpp"

namespace espial::features {
namespace {

constexpr std::uint8_t kNodeVersion = 3;
constexpr std::size_t kNodeKeySize = 3 + kKeySize;
constexpr std::size_t kNodeSize = 2 + 4 * kNodeKeySize;
constexpr std::size_t kSecondNodeSize = 2 + 2 * kNodeKeySize;
constexpr std::size_t kFirstNodeSize = 1 + 2 * (2 + kKeySize);
constexpr std::size_t kSessionSize = 4 + session::Session::kStateSize;

/// Names the row that a wrapped record belongs to.
store::Bytes context(std::string_view what, const MacAddress& mac) {
  store::Bytes bytes(what.begin(), what.end());
  bytes.insert(bytes.end(), mac.octets.begin(), mac.octets.end());
  return bytes;
}

ByteView view(const store::Bytes& bytes) { return {bytes.data(), bytes.size()}; }

template <std::size_t N>
store::Bytes wrap(std::array<std::uint8_t, N>& plain, std::string_view what, const MacAddress& mac,
                  const Key& wrap_key, Crypto& crypto, Random& random) {
  store::Bytes wrapped(N + session::kWrapOverhead);
  session::wrap(crypto, random, wrap_key, view(context(what, mac)), plain, wrapped.data());
  crypto.wipe(plain);
  return wrapped;
}

template <std::size_t N>
bool unwrap(const store::Bytes& wrapped, std::string_view what, const MacAddress& mac,
            const Key& wrap_key, Crypto& crypto, std::array<std::uint8_t, N>& plain) {
  return wrapped.size() == N + session::kWrapOverhead &&
         session::unwrap(crypto, wrap_key, view(context(what, mac)), view(wrapped), plain.data());
}

void put_key(const std::optional<coordinator::NodeKey>& key, std::uint8_t* out) {
  if (!key) return;
  out[0] = 1;
  out[1] = key->generation;
  out[2] = key->network_generation;
  std::copy(key->key.begin(), key->key.end(), out + 3);
}

std::optional<coordinator::NodeKey> get_key(ByteReader& in, bool first_version) {
  const bool has = in.u8() == 1;
  coordinator::NodeKey key;
  key.generation = in.u8();
  if (!first_version) key.network_generation = in.u8();
  in.copy(key.key);
  return has ? std::optional(key) : std::nullopt;
}

template <std::size_t N>
bool unwrap_node_as(const store::Bytes& wrapped, const Key& wrap_key, Crypto& crypto,
                    coordinator::NodeRecord& record) {
  constexpr bool kFirst = N == kFirstNodeSize;
  std::array<std::uint8_t, N> plain{};
  if (!unwrap(wrapped, "node", record.mac, wrap_key, crypto, plain)) return false;
  ByteReader in(plain);
  constexpr bool kSecond = N == kSecondNodeSize;
  const bool known = in.u8() == (kFirst ? 1 : kSecond ? 2 : kNodeVersion);
  if (!kFirst) record.revoked = in.u8() != 0;
  record.key = get_key(in, kFirst);
  record.pending_key = get_key(in, kFirst);
  if (!kFirst && !kSecond) {
    record.former.key = get_key(in, false);
    record.former.pending_key = get_key(in, false);
  }
  crypto.wipe(plain);
  return known;
}

}  // namespace

store::Bytes wrap_node(const coordinator::NodeRecord& record, const Key& wrap_key, Crypto& crypto,
                       Random& random) {
  std::array<std::uint8_t, kNodeSize> plain{};
  plain[0] = kNodeVersion;
  plain[1] = record.revoked ? 1 : 0;
  std::uint8_t* out = plain.data() + 2;
  for (const auto* key :
       {&record.key, &record.pending_key, &record.former.key, &record.former.pending_key}) {
    put_key(*key, out);
    out += kNodeKeySize;
  }
  return wrap(plain, "node", record.mac, wrap_key, crypto, random);
}

bool unwrap_node(const store::Bytes& wrapped, const Key& wrap_key, Crypto& crypto,
                 coordinator::NodeRecord& record) {
  return unwrap_node_as<kNodeSize>(wrapped, wrap_key, crypto, record) ||
         unwrap_node_as<kSecondNodeSize>(wrapped, wrap_key, crypto, record) ||
         unwrap_node_as<kFirstNodeSize>(wrapped, wrap_key, crypto, record);
}

store::Bytes wrap_session(const coordinator::SessionRecord& record, const Key& wrap_key,
                          Crypto& crypto, Random& random) {
  std::array<std::uint8_t, kSessionSize> plain{};
  for (std::size_t i = 0; i < 4; ++i) {
    plain[i] = static_cast<std::uint8_t>(record.stream_id >> (8 * i));
  }
  std::copy(record.state.begin(), record.state.end(), plain.begin() + 4);
  return wrap(plain, "session", record.mac, wrap_key, crypto, random);
}

bool unwrap_session(const store::Bytes& wrapped, const Key& wrap_key, Crypto& crypto,
                    coordinator::SessionRecord& record) {
  std::array<std::uint8_t, kSessionSize> plain{};
  if (!unwrap(wrapped, "session", record.mac, wrap_key, crypto, plain)) return false;
  record.stream_id = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    record.stream_id |= static_cast<std::uint32_t>(plain[i]) << (8 * i);
  }
  std::copy(plain.begin() + 4, plain.end(), record.state.begin());
  crypto.wipe(plain);
  return true;
}

}  // namespace espial::features
