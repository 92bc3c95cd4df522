#include "station/function_notes.hpp"

#include <gtest/gtest.h>

namespace espial::station {
namespace {

constexpr DeviceId kDevice{7};

TEST(FunctionNotes, WithoutAnyEverythingIsStored) {
  const FunctionNotes notes;
  EXPECT_EQ(notes.find(kDevice, 0), nullptr);
  EXPECT_TRUE(notes.is_logged(kDevice, 0, 3));
}

TEST(FunctionNotes, StoreOnlyWhatIsMarked) {
  FunctionNotes notes;
  FunctionNote note;
  note.logged = 0b101;
  ASSERT_TRUE(notes.put(kDevice, {{2, note}, {3, {}}}));
  EXPECT_TRUE(notes.is_logged(kDevice, 2, 0));
  EXPECT_FALSE(notes.is_logged(kDevice, 2, 1));
  EXPECT_TRUE(notes.is_logged(kDevice, 2, 2));
  EXPECT_TRUE(notes.is_logged(kDevice, 3, 1)) << "no marks";
  EXPECT_TRUE(notes.is_logged(DeviceId{8}, 2, 1));
}

TEST(FunctionNotes, KnowTheFieldThatPeopleMaySet) {
  FunctionNote note;
  note.fields = {{5, "pH", "pH"}, {6, "", ""}};
  EXPECT_EQ(note.settable(), nullptr);
  FunctionNote other = note;
  other.fields[1].settable = SettableRange{0, 100};
  ASSERT_NE(other.settable(), nullptr);
  EXPECT_EQ(other.settable()->field, 6);
  EXPECT_FALSE(note == other);
}

TEST(FunctionNotes, SayWhetherTheyChanged) {
  FunctionNotes notes;
  FunctionNote note;
  note.maximum = 8.5;
  EXPECT_FALSE(notes.put(kDevice, {}));
  EXPECT_TRUE(notes.put(kDevice, {{0, note}}));
  EXPECT_FALSE(notes.put(kDevice, {{0, note}}));
  note.fields.push_back({5, "pH", "pH"});
  EXPECT_TRUE(notes.put(kDevice, {{0, note}}));
  EXPECT_TRUE(notes.put(kDevice, {}));
  EXPECT_EQ(notes.find(kDevice, 0), nullptr);
}

}  // namespace
}  // namespace espial::station
