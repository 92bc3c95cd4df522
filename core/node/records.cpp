#include "core/node/records.hpp"

#include <algorithm>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"

namespace espial::node {
namespace {

constexpr std::uint8_t kVersion = 1;
static_assert(2 + 4 + wire::kMaxNameSize <= kMaxSettingSize);
static_assert(2 + 1 + 2 * kKeySize <= kMaxSettingSize);
static_assert(2 + 8 + wire::kMaxScheduleSize <= kMaxSettingSize);

using Record = std::array<std::uint8_t, kMaxSettingSize>;

/// What follows the version and the network; empty where the record is another one's.
ByteView read(Settings& settings, SettingKey key, ServerId server, Record& record) {
  const std::size_t size = settings.load(key, record);
  if (size > record.size() || size < 2) return {};
  if (record[0] != kVersion || record[1] != server.value) return {};
  return ByteView(record).subview(2, size - 2);
}

}  // namespace

void NodeKeyRecord::load(Settings& settings, ServerId server, Crypto& crypto) {
  Record record;
  ByteReader reader(read(settings, SettingKey::kNodeKey, server, record));
  generation = reader.u8();
  reader.copy(key);
  present = reader.ok();
  if (!reader.empty()) reader.copy(discovery_key.emplace());
  crypto.wipe(record);
  if (!reader.ok() || !reader.empty()) *this = {};
}

bool NodeKeyRecord::save(Settings& settings, ServerId server, Crypto& crypto) const {
  Record record;
  ByteWriter writer(record);
  writer.u8(kVersion).u8(server.value).u8(generation).bytes(key);
  if (discovery_key) writer.bytes(*discovery_key);
  const bool saved = settings.save(SettingKey::kNodeKey, writer.written());
  crypto.wipe(record);
  return saved;
}

GatewayRecord GatewayRecord::load(Settings& settings, ServerId server) {
  Record record;
  ByteReader reader(read(settings, SettingKey::kLastGood, server, record));
  GatewayRecord result;
  result.channel = Channel{reader.u8()};
  result.address = reader.mac();
  if (!reader.ok() || !reader.empty() || !result.channel.valid()) return {};
  return result;
}

bool GatewayRecord::save(Settings& settings, ServerId server) const {
  Record record;
  ByteWriter writer(record);
  writer.u8(kVersion).u8(server.value).u8(channel.number).mac(address);
  return settings.save(SettingKey::kLastGood, writer.written());
}

void AssignedRecord::set_name(std::string_view name) {
  name_size = static_cast<std::uint8_t>(std::min(name.size(), name_bytes.size()));
  std::copy_n(name.begin(), name_size, name_bytes.begin());
}

AssignedRecord AssignedRecord::load(Settings& settings, ServerId server) {
  Record record;
  ByteReader reader(read(settings, SettingKey::kModule, server, record));
  AssignedRecord result;
  result.module = ModuleId{reader.u8()};
  result.interval_s = reader.u16();
  const ByteView name = reader.bytes(reader.u8());
  if (!reader.ok() || !reader.empty() || name.size() > wire::kMaxNameSize) return {};
  result.set_name({reinterpret_cast<const char*>(name.data()), name.size()});
  return result;
}

bool AssignedRecord::save(Settings& settings, ServerId server) const {
  Record record;
  ByteWriter writer(record);
  writer.u8(kVersion).u8(server.value).u8(module.value).u16(interval_s);
  writer.u8(name_size).bytes(as_bytes(name()));
  return settings.save(SettingKey::kModule, writer.written());
}

Configuration Configuration::load(Settings& settings, ServerId server) {
  Record record;
  ByteReader reader(read(settings, SettingKey::kConfiguration, server, record));
  Configuration result;
  result.id = reader.u32();
  result.slots = reader.u16();
  result.max_airtime_permille = reader.u16();
  const auto schedule = wire::parse_schedule(reader.rest());
  if (!reader.ok() || !schedule) return {};
  result.schedule = *schedule;
  return result;
}

bool Configuration::save(Settings& settings, ServerId server) const {
  Record record;
  ByteWriter writer(record);
  writer.u8(kVersion).u8(server.value).u32(id).u16(slots).u16(max_airtime_permille);
  return wire::encode_schedule(schedule, writer) &&
         settings.save(SettingKey::kConfiguration, writer.written());
}

}  // namespace espial::node
