#include <cmath>

#include "core/wire/s0.hpp"
#include "core/wire/vectors_test.hpp"

namespace espial::wire {
namespace {

/// "functions" is a list of [id, type, control], one for each slot up to the last that is used.
Decoded decode_pairing(ByteView bytes) {
  const auto pairing = s0::parse_pairing(bytes);
  std::size_t used = pairing->functions.size();
  while (used > 0 && pairing->functions[used - 1] == s0::Function{}) --used;
  Json functions = Json::array();
  for (std::size_t slot = 0; slot < used; ++slot) {
    const s0::Function& function = pairing->functions[slot];
    functions.push_back(Json::array({function.id, function.type, function.control}));
  }
  return {pairing.refusal(),
          {{"server", pairing->server.value},
           {"id", pairing->id},
           {"address", mac_text(pairing->address)},
           {"channel", pairing->channel.number},
           {"functions", functions}}};
}

Bytes encode_pairing(const Json& fields) {
  s0::Pairing pairing;
  pairing.server = {fields["server"]};
  pairing.id = fields["id"];
  pairing.address = mac_of(fields["address"]);
  pairing.channel = {fields["channel"]};
  std::size_t slot = 0;
  for (const Json& function : fields["functions"]) {
    pairing.functions.at(slot++) = {function[0], function[1], function[2]};
  }
  return encoded([&](MutableByteView out) { return s0::encode(pairing, out); });
}

Decoded decode_values(ByteView bytes) {
  const auto values = s0::parse_values(bytes);
  Json floats = Json::array();
  for (const float value : values->f) {
    floats.push_back(std::isnan(value) ? Json() : Json(static_cast<double>(value)));
  }
  return {values.refusal(),
          {{"set_points", values->set_points},
           {"function", values->function},
           {"type", values->type},
           {"u", values->u},
           {"f", floats},
           {"sensor", to_hex(values->sensor)}}};
}

Bytes encode_values(const Json& fields) {
  s0::Values values;
  values.set_points = fields["set_points"];
  values.function = fields["function"];
  values.type = fields["type"];
  for (std::size_t i = 0; i < s0::kIntegerCount; ++i) values.u[i] = fields["u"][i];
  for (std::size_t i = 0; i < s0::kFloatCount; ++i) {
    const Json& value = fields["f"][i];
    values.f[i] = value.is_null() ? NAN : value.get<float>();
  }
  fill(values.sensor, fields["sensor"]);
  return encoded([&](MutableByteView out) { return s0::encode(values, out); });
}

Decoded decode_ping(ByteView bytes) {
  const auto ping = s0::parse_ping(bytes);
  return {ping.refusal(), {{"number", ping->number}}};
}

Bytes encode_ping(const Json& fields) {
  const s0::Ping ping{fields["number"]};
  return encoded([&](MutableByteView out) { return s0::encode(ping, out); });
}

Decoded decode_reset(ByteView bytes) {
  const auto reset = s0::parse_reset(bytes);
  return {reset.refusal(), {{"server", reset->server.value}}};
}

Bytes encode_reset(const Json& fields) {
  const s0::Reset reset{ServerId{fields["server"]}};
  return encoded([&](MutableByteView out) { return s0::encode(reset, out); });
}

}  // namespace

Codecs s0_codecs() {
  return {{"s0_pairing", {decode_pairing, encode_pairing}},
          {"s0_values", {decode_values, encode_values}},
          {"s0_ping", {decode_ping, encode_ping}},
          {"s0_reset", {decode_reset, encode_reset}}};
}

}  // namespace espial::wire
