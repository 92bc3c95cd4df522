#include "sim/network/record_digest.hpp"

namespace espial::sim {
namespace {

void add_key(Digest& digest, const std::optional<coordinator::NodeKey>& key) {
  digest.add(std::uint64_t{key.has_value()});
  if (!key) return;
  digest.add(ByteView(key->key));
  digest.add(std::uint64_t{key->generation} << 8U | key->network_generation);
}

void add_keys(Digest& digest, const coordinator::FormerKeys& former) {
  add_key(digest, former.key);
  add_key(digest, former.pending_key);
}

}  // namespace

void add(Digest& digest, const coordinator::NodeRecord& record) {
  digest.add(ByteView(record.mac.octets));
  digest.add(std::uint64_t{record.module.value} << 1U | (record.revoked ? 1U : 0U));
  add_key(digest, record.key);
  add_key(digest, record.pending_key);
  add_keys(digest, record.former);
}

void add(Digest& digest, const coordinator::SessionRecord& record) {
  digest.add(ByteView(record.mac.octets));
  digest.add(ByteView(record.state));
  digest.add(record.stream_id);
}

void add(Digest& digest, const coordinator::ReportRecord& record) {
  digest.add(ByteView(record.mac.octets));
  digest.add(std::uint64_t{record.stream_id} << 32U | std::uint64_t{record.module.value} << 16U |
             std::uint64_t{record.session} << 1U | (record.events ? 1U : 0U));
  digest.add(record.sequence ? std::uint64_t{*record.sequence} + 1 : 0);
  digest.add(static_cast<std::uint64_t>(record.taken_at.ms));
  digest.add(static_cast<std::uint64_t>(record.received_at.ms));
  digest.add(record.highest_uplink_counter);
  digest.add(record.readings);
  if (record.sequence) digest.add(ByteView(record.progress));
}

void add(Digest& digest, const coordinator::CommandRecord& record) {
  digest.add(ByteView(record.mac.octets));
  digest.add(std::uint64_t{record.id} << 32U | record.expiry_s);
  digest.add(std::uint64_t{record.slot} << 16U | std::uint64_t{record.kind} << 8U |
             static_cast<std::uint64_t>(record.state));
  digest.add(record.value);
}

void add(Digest& digest, const coordinator::DescriptionRecord& record) {
  digest.add(ByteView(record.mac.octets));
  digest.add(record.properties);
}

void add(Digest& digest, const MacAddress& mac, const coordinator::FormerKeys& former) {
  digest.add(ByteView(mac.octets));
  add_keys(digest, former);
}

}  // namespace espial::sim
