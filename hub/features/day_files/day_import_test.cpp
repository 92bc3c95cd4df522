#include "hub/features/day_files/day_import.hpp"

#include <gtest/gtest.h>

#include "hub/store/sqlite_store.hpp"
#include "hub/store/store_test_support.hpp"

namespace espial::day_files {
namespace {

constexpr char kModule3[] = R"({"functions": [{"id": 4, "type": 1}, {"id": 1, "type": 0}]})";

class DayImportTest : public testing::Test {
 protected:
  void SetUp() override {
    store_ = store::make_sqlite_store({.file = folder_.file()});
    ASSERT_EQ(store_->open(), store::StoreError::none);
    auto module = store::device_record(7);
    module.protocol = store::Protocol::s0;
    module.server = ServerId{1};
    module.module = ModuleId{3};
    auto stranger = store::device_record(8);
    stranger.protocol = store::Protocol::s0;
    stranger.server = ServerId{2};
    stranger.module = ModuleId{5};
    ASSERT_EQ(apply(*store_, {module, stranger, store::Document{"s0.modules", "3", kModule3}}),
              store::StoreError::none);
    reader_ = store_->open_reader();
  }

  ImportedFile read(const std::string& text, const std::string& zone = "Etc/UTC") {
    store::Snapshot snapshot;
    EXPECT_EQ(store_->load(snapshot), store::StoreError::none);
    DayImport import(snapshot, *reader_, ServerId{1}, zone);
    skipped_.clear();
    return import.read(text, [this](std::size_t line, const std::string& why) {
      skipped_.push_back(std::to_string(line) + ": " + why);
    });
  }

  store::TemporaryFolder folder_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Reader> reader_;
  std::vector<std::string> skipped_;
};

TEST_F(DayImportTest, FindsModuleSlotAndField) {
  const auto file = read(
      R"({"Data":[{"UID":"2023-04-23T11:45:01","F1_3_4":"18.5","F1_3_1":"21.63","F2_3_1":"20","U1_3_1":"1"}]})");
  EXPECT_TRUE(skipped_.empty());
  ASSERT_EQ(file.readings.size(), 4u);
  for (const auto& reading : file.readings) {
    EXPECT_EQ(reading.device.value, 7u);
    EXPECT_EQ(reading.taken_at.ms, 1'682'250'301'000);
  }
  const auto where = [&](std::size_t i) {
    return std::tuple(int{file.readings[i].slot}, int{file.readings[i].field},
                      file.readings[i].number);
  };
  EXPECT_EQ(where(0), std::tuple(1, 0, 21.63));
  EXPECT_EQ(where(1), std::tuple(0, 0, 18.5));
  EXPECT_EQ(where(2), std::tuple(1, 1, 20.0));
  EXPECT_EQ(where(3), std::tuple(1, 2, 1.0));
}

TEST_F(DayImportTest, KnowsWhatIsNoDayFile) {
  EXPECT_FALSE(read("time,device\n").is_day_file);
  EXPECT_FALSE(read("").is_day_file);
  EXPECT_TRUE(skipped_.empty());
  EXPECT_TRUE(read(R"({"Data":[)").is_day_file);
  EXPECT_TRUE(read(R"({"Data":[]})").is_day_file);
}

TEST_F(DayImportTest, SaysWhatHasNoPlace) {
  const auto file = read(R"({"Data":[
{"UID":"2023-04-23T11:45:01","F1_5_1":"20"},
{"UID":"2023-04-23T11:45:01","F1_3_9":"20"},
{"UID":"2023-04-23T11:45:01","F3_3_1":"20"},
{"UID":"2023-04-23T11:45:01","F1_3_1":"4000"},
{"UID":"2023-04-23T11:45:01","F1_3_1":"20"}]})");
  EXPECT_EQ(file.readings.size(), 1u);
  EXPECT_EQ(skipped_,
            (std::vector<std::string>{
                "2: module 5 is not known here: let it join first, or say its address",
                "3: module 3 has no function 9", "4: a function of type 0 has no such field",
                "5: no value that it can have: a sensor that failed?"}));
}

TEST_F(DayImportTest, BringsNothingTwice) {
  const std::string text =
      R"({"Data":[{"UID":"2023-04-23T11:45:01","F1_3_1":"21"},{"UID":"2023-04-23T12:00:01","F1_3_1":"22"}]})";
  auto file = read(text);
  ASSERT_EQ(file.readings.size(), 2u);
  ASSERT_EQ(apply(*store_, {file.readings[0]}), store::StoreError::none);
  file = read(text);
  EXPECT_EQ(file.there_already, 1u);
  ASSERT_EQ(file.readings.size(), 1u);
  EXPECT_EQ(file.readings[0].number, 22);
}

TEST_F(DayImportTest, KnowsWhenClocksArePut) {
  const auto autumn = read(R"({"Data":[{"UID":"2023-10-29T02:45:00","F1_3_1":"1"},
{"UID":"2023-10-29T02:15:00","F1_3_1":"2"},{"UID":"2023-10-29T02:45:00","F1_3_1":"3"},
{"UID":"2023-10-29T03:00:00","F1_3_1":"4"}]})",
                           "Europe/Paris");
  ASSERT_EQ(autumn.readings.size(), 4u);
  constexpr std::int64_t kOneOClockMs = 1'698'541'200'000;  // UTC: the second 02:00 in Paris
  EXPECT_EQ(autumn.readings[0].taken_at.ms, kOneOClockMs - 15 * 60'000);
  EXPECT_EQ(autumn.readings[1].taken_at.ms, kOneOClockMs + 15 * 60'000);
  EXPECT_EQ(autumn.readings[2].taken_at.ms, kOneOClockMs + 45 * 60'000);
  EXPECT_EQ(autumn.readings[3].taken_at.ms, kOneOClockMs + 60 * 60'000);

  const auto spring =
      read(R"({"Data":[{"UID":"2023-03-26T02:30:00","F1_3_1":"1"}]})", "Europe/Paris");
  EXPECT_TRUE(spring.readings.empty());
  EXPECT_EQ(skipped_.at(0), "1: its hour does not exist where clocks are put forward");
  EXPECT_ANY_THROW(read("", "Nowhere/Land"));
}

TEST_F(DayImportTest, TakesAnotherConfiguration) {
  store::Snapshot snapshot;
  ASSERT_EQ(store_->load(snapshot), store::StoreError::none);
  DayImport import(snapshot, *reader_, ServerId{1}, "Etc/UTC");
  s0::Functions functions{};
  functions[2] = {9, 20, s0::kUnused};
  import.set_functions(ModuleId{3}, functions);
  const auto file = import.read(R"({"Data":[{"UID":"2023-04-23T11:45:01","F2_3_9":"7.1"}]})",
                                [](std::size_t, const std::string& why) { ADD_FAILURE() << why; });
  ASSERT_EQ(file.readings.size(), 1u);
  EXPECT_EQ(file.readings[0].slot, 2);
  EXPECT_EQ(file.readings[0].field, 6) << "own kinds have U1..U5 and F1..F5";
}

}  // namespace
}  // namespace espial::day_files
