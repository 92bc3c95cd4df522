#include "core/wire/auth.hpp"
#include "core/wire/packets.hpp"
#include "core/wire/sealed.hpp"
#include "core/wire/search.hpp"
#include "core/wire/vectors_test.hpp"

namespace espial::wire {
namespace {

const std::vector<std::string> kSteps{"join", "join_accept", "resume", "resume_accept", "refused"};
const std::vector<std::string> kKeyIds{"network", "node", "label", "pair"};
const std::vector<std::string> kReasons{
    "unknown_key", "waiting_for_approval", "pairing_closed", "module_id_taken", "busy", "version",
    "revoked",     "closed_by_server"};

Decoded decode_connect(ByteView bytes) {
  const auto connect = parse_connect(bytes);
  return {connect.refusal(),
          {{"server", connect->server.value},
           {"long_bodies", connect->long_bodies},
           {"always_listening", connect->always_listening},
           {"nonce", to_hex(connect->nonce)}}};
}

Bytes encode_connect(const Json& fields) {
  Connect connect;
  connect.server = {fields["server"]};
  connect.long_bodies = fields["long_bodies"];
  connect.always_listening = fields["always_listening"];
  fill(connect.nonce, fields["nonce"]);
  return encoded([&](MutableByteView out) { return encode(connect, out); });
}

Decoded decode_connack(ByteView bytes) {
  const auto connack = parse_connack(bytes);
  return {connack.refusal(),
          {{"success", connack->success},
           {"server", connack->server.value},
           {"channel", connack->channel.number},
           {"rssi_dbm", connack->rssi_dbm ? Json(*connack->rssi_dbm) : Json()},
           {"uplink_ready", connack->uplink_ready},
           {"coordinator_alive", connack->coordinator_alive},
           {"long_bodies", connack->long_bodies},
           {"load", connack->load},
           {"address", mac_text(connack->address)},
           {"nonce", to_hex(connack->nonce)},
           {"tag", to_hex(connack->tag)}}};
}

Bytes encode_connack(const Json& fields) {
  Connack connack;
  connack.success = fields["success"];
  connack.server = {fields["server"]};
  connack.channel = {fields["channel"]};
  if (!fields["rssi_dbm"].is_null()) connack.rssi_dbm = fields["rssi_dbm"].get<std::int8_t>();
  connack.uplink_ready = fields["uplink_ready"];
  connack.coordinator_alive = fields["coordinator_alive"];
  connack.long_bodies = fields["long_bodies"];
  connack.load = fields["load"];
  connack.address = mac_of(fields["address"]);
  fill(connack.nonce, fields["nonce"]);
  fill(connack.tag, fields["tag"]);
  return encoded([&](MutableByteView out) { return encode(connack, out); });
}

Decoded decode_moved(ByteView bytes) {
  const auto moved = parse_moved(bytes);
  return {moved.refusal(),
          {{"server", moved->server.value},
           {"channel", moved->channel.number},
           {"after_ms", moved->after_ms},
           {"address", mac_text(moved->address)},
           {"tag", to_hex(moved->tag)}}};
}

Bytes encode_moved(const Json& fields) {
  Moved moved;
  moved.server = {fields["server"]};
  moved.channel = {fields["channel"]};
  moved.after_ms = fields["after_ms"];
  moved.address = mac_of(fields["address"]);
  fill(moved.tag, fields["tag"]);
  return encoded([&](MutableByteView out) { return encode(moved, out); });
}

Decoded decode_auth(ByteView bytes) {
  const auto frame = parse_auth(bytes);
  if (!frame) return {frame.refusal(), {}};
  Json fields{{"step", name_of(kSteps, frame->header.step, 1)},
              {"server", frame->header.server.value},
              {"key_id", name_of(kKeyIds, frame->header.key_id)},
              {"generation", frame->header.generation}};
  if (frame->header.step == AuthStep::kRefused) {
    fields["reason"] = name_of(kReasons, frame->reason, 1);
    fields["proof"] = to_hex(frame->proof);
  } else {
    fields["key"] = to_hex(frame->key);
    fields["sealed"] = to_hex(frame->sealed);
  }
  return {Refusal::kNone, fields};
}

Bytes encode_auth(const Json& fields) {
  AuthHeader header;
  header.step = named<AuthStep>(kSteps, fields["step"], 1);
  header.server = {fields["server"]};
  header.key_id = named<KeyId>(kKeyIds, fields["key_id"]);
  header.generation = fields["generation"];
  if (header.step == AuthStep::kRefused) {
    const auto reason = named<RefusedReason>(kReasons, fields["reason"], 1);
    const Bytes proof = from_hex(fields["proof"]);
    return encoded(
        [&](MutableByteView out) { return encode_refused(header, reason, view(proof), out); });
  }
  const Bytes rest =
      from_hex(fields["key"].get<std::string>() + fields["sealed"].get<std::string>());
  Bytes body =
      encoded([&](MutableByteView out) { return encode_auth_header(header, rest.size(), out); });
  body.insert(body.end(), rest.begin(), rest.end());
  return body;
}

Decoded decode_hello(ByteView bytes) {
  const auto hello = parse_hello(bytes);
  return {hello.refusal(),
          {{"version", hello->version},
           {"long_bodies", hello->long_bodies},
           {"always_listening", hello->always_listening},
           {"wanted_module", hello->wanted_module.value},
           {"receive_limit_log2", hello->receive_limit_log2},
           {"stream_id", hello->stream_id}}};
}

Bytes encode_hello(const Json& fields) {
  Hello hello;
  hello.version = fields["version"];
  hello.long_bodies = fields["long_bodies"];
  hello.always_listening = fields["always_listening"];
  hello.wanted_module = {fields["wanted_module"]};
  hello.receive_limit_log2 = fields["receive_limit_log2"];
  hello.stream_id = fields["stream_id"];
  return encoded([&](MutableByteView out) { return encode(hello, out); });
}

Codec welcome_codec(AuthStep step) {
  const auto decode = [step](ByteView bytes) -> Decoded {
    const auto welcome = parse_welcome(bytes, step);
    Json fields{{"session", welcome->session},
                {"module", welcome->module.value},
                {"unix_time_ms", welcome->time.ms},
                {"zone_minutes", welcome->zone_minutes}};
    if (step == AuthStep::kJoinAccept) {
      fields["generation"] = welcome->generation;
      fields["node_key"] = to_hex(welcome->node_key);
      if (welcome->discovery_key) fields["discovery_key"] = to_hex(*welcome->discovery_key);
    }
    return {welcome.refusal(), fields};
  };
  const auto encode = [step](const Json& fields) {
    Welcome welcome;
    welcome.session = fields["session"];
    welcome.module = {fields["module"]};
    welcome.time = {fields["unix_time_ms"]};
    welcome.zone_minutes = fields["zone_minutes"];
    if (step == AuthStep::kJoinAccept) {
      welcome.generation = fields["generation"];
      fill(welcome.node_key, fields["node_key"]);
      if (fields.contains("discovery_key")) {
        fill(welcome.discovery_key.emplace(), fields["discovery_key"]);
      }
    }
    return encoded([&](MutableByteView out) { return encode_welcome(welcome, step, out); });
  };
  return {decode, encode};
}

Decoded decode_sealed(ByteView bytes) {
  const auto frame = parse_sealed(bytes);
  return {frame.refusal(),
          {{"server", frame->header.server.value},
           {"session", frame->header.session},
           {"counter", frame->header.counter},
           {"down", frame->header.down},
           {"more", frame->header.more},
           {"listening", frame->header.listening},
           {"peer", frame->header.peer},
           {"sealed", to_hex(frame->sealed)},
           {"associated_data", to_hex(frame->associated_data)}}};
}

Bytes encode_sealed(const Json& fields) {
  SealedHeader header;
  header.server = {fields["server"]};
  header.session = fields["session"];
  header.counter = fields["counter"];
  header.down = fields["down"];
  header.more = fields["more"];
  header.listening = fields["listening"];
  header.peer = fields["peer"];
  const Bytes sealed = from_hex(fields["sealed"]);
  const std::size_t plaintext_size = sealed.size() - kSealTagSize;
  return encoded([&](MutableByteView out) {
    const std::size_t size = encode_sealed_header(header, plaintext_size, out);
    std::copy(sealed.begin(), sealed.end(), out.data() + size);
    return sealed_size(plaintext_size);
  });
}

Decoded decode_packets(ByteView bytes) {
  const auto packets = parse_packets(bytes);
  Json list = Json::array();
  for (const Packet& packet : *packets) {
    list.push_back({{"type", static_cast<int>(packet.type)},
                    {"flags", packet.flags},
                    {"payload", to_hex(packet.payload)}});
  }
  return {packets.refusal(), {{"packets", list}}};
}

Bytes encode_packets(const Json& fields) {
  Bytes out;
  for (const Json& packet : fields["packets"]) {
    const Bytes payload = from_hex(packet["payload"]);
    const Bytes header = encoded([&](MutableByteView room) {
      return encode_header(packet["type"].get<PacketType>(), packet["flags"], payload.size(), room);
    });
    out.insert(out.end(), header.begin(), header.end());
    out.insert(out.end(), payload.begin(), payload.end());
  }
  return out;
}

}  // namespace

Codecs plain_codecs() {
  return {{"connect", {decode_connect, encode_connect}},
          {"connack", {decode_connack, encode_connack}},
          {"moved", {decode_moved, encode_moved}},
          {"auth", {decode_auth, encode_auth}},
          {"hello", {decode_hello, encode_hello}},
          {"join_welcome", welcome_codec(AuthStep::kJoinAccept)},
          {"resume_welcome", welcome_codec(AuthStep::kResumeAccept)},
          {"sealed", {decode_sealed, encode_sealed}},
          {"packets", {decode_packets, encode_packets}}};
}

}  // namespace espial::wire
