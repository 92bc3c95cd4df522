#include "core/wire/vectors_test.hpp"

#include <gtest/gtest.h>

#include "core/base/file_test.hpp"
#include "core/wire/kind.hpp"
#include "core/wire/value.hpp"

namespace espial::wire {
namespace {

Json load(const std::string& file) {
  const std::string text = read_file("protocol/vectors/" + file + ".json");
  EXPECT_FALSE(text.empty()) << file << ": tests run in the repository's root";
  return Json::parse(text, nullptr, false);
}

Codecs all_codecs() {
  Codecs codecs = plain_codecs();
  codecs.merge(inner_codecs());
  codecs.merge(s0_codecs());
  return codecs;
}

Decoded decode_value_vector(const std::string& kind_name, ByteView bytes) {
  const KindInfo* kind = find_standard_kind(kind_name);
  const auto values = decode_value(*kind, bytes);
  if (!values) return {values.refusal(), {}};
  Json list = Json::array();
  for (std::size_t i = 0; i < values->size(); ++i) {
    const FieldValue& value = (*values)[i];
    if (kind->fields[i].type == FieldType::kText) {
      list.push_back(value.text);
    } else {
      list.push_back(value.number ? Json(*value.number) : Json());
    }
  }
  return {Refusal::kNone, {{"kind", kind_name}, {"values", list}}};
}

Bytes encode_value_vector(const Json& fields) {
  const KindInfo* kind = find_standard_kind(fields["kind"].get<std::string>());
  FieldValues values;
  for (const Json& value : fields["values"]) {
    const FieldValue field = value.is_string()
                                 ? FieldValue::of_text(value.get_ref<const std::string&>())
                             : value.is_null() ? FieldValue::none()
                                               : FieldValue::of(value.get<double>());
    EXPECT_TRUE(values.push_back(field));
  }
  return encoded([&](MutableByteView out) { return encode_value(*kind, values, out).value_or(0); });
}

Codec codec_for(const Json& vector) {
  const std::string packet = vector["packet"];
  if (packet != "value") return all_codecs().at(packet);
  const std::string kind = vector.contains("kind") ? vector["kind"] : vector["fields"]["kind"];
  return {[kind](ByteView bytes) { return decode_value_vector(kind, bytes); }, encode_value_vector};
}

class Vectors : public testing::TestWithParam<const char*> {};

TEST_P(Vectors, AreReadAndWrittenAsTheyStand) {
  const Json vectors = load(GetParam());
  ASSERT_FALSE(vectors.empty());
  for (const Json& vector : vectors) {
    SCOPED_TRACE(vector["name"].get<std::string>());
    const Codec codec = codec_for(vector);
    const Bytes bytes = from_hex(vector["hex"]);
    const Decoded decoded = codec.decode(view(bytes));
    if (vector.contains("refusal")) {
      EXPECT_EQ(to_text(decoded.refusal), vector["refusal"].get<std::string>());
      continue;
    }
    EXPECT_EQ(to_text(decoded.refusal), "none");
    EXPECT_EQ(decoded.fields, vector["fields"]);
    if (vector.contains("read_only")) continue;
    EXPECT_EQ(to_hex(view(codec.encode(vector["fields"]))), vector["hex"].get<std::string>());
  }
}

/// What has a length of its own; a list or a value that is cut may still be whole.
class FramedVectors : public testing::TestWithParam<const char*> {};

TEST_P(FramedVectors, AreRefusedWhenCutAnywhere) {
  for (const Json& vector : load(GetParam())) {
    const Bytes bytes = from_hex(vector["hex"]);
    // What is refused already says nothing here, and an extended Hello is whole without its end.
    if (vector.contains("refusal") || vector.contains("read_only")) continue;
    if (vector["fields"].contains("discovery_key")) continue;  // nor is a Welcome less without it
    SCOPED_TRACE(vector["name"].get<std::string>());
    const Codec codec = codec_for(vector);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_EQ(to_text(codec.decode(view(bytes).subview(0, size)).refusal), "too_short") << size;
    }
  }
}

std::string file_name(const testing::TestParamInfo<const char*>& instance) {
  return instance.param;
}

INSTANTIATE_TEST_SUITE_P(Protocol, Vectors,
                         testing::Values("search", "auth", "sealed", "packets", "readings",
                                         "reports", "commands", "values", "session", "rooms",
                                         "fragments", "s0"),
                         file_name);
INSTANTIATE_TEST_SUITE_P(Protocol, FramedVectors,
                         testing::Values("search", "auth", "sealed", "readings", "reports",
                                         "commands", "session", "rooms", "fragments", "s0"),
                         file_name);

}  // namespace
}  // namespace espial::wire
