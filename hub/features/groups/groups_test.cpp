#include "hub/features/groups/groups.hpp"

#include <gtest/gtest.h>

namespace espial::groups {
namespace {

const MacAddress kHall{{0x24, 0x6f, 0x28, 0, 0, 1}};
const MacAddress kPorch{{0x24, 0x6f, 0x28, 0, 0, 2}};
const MacAddress kNew{{0x24, 0x6f, 0x28, 0, 0, 3}};

TEST(Groups, ACommandHasOneIdentityAndAFateForEachMember) {
  Groups groups;
  ASSERT_TRUE(groups.put("Lamps", {{kHall, 0}, {kPorch, 2}}));
  const GroupCommand& sent = groups.command("Lamps", 1000, [](MemberFate& fate) {
    if (fate.member.mac == kHall) {
      fate.command_id = 7;
      fate.expires_at = {1'700'000'000'000};
      fate.waits_for_wake = true;
    } else {
      fate.fate = Fate::not_sent;
      fate.problem = station::Problem::kDeviceBusy;
      fate.reason = "busy";
    }
  });
  EXPECT_EQ(sent.id, 1000u);
  groups.ended(kPorch, 7, Fate::executed);
  EXPECT_EQ(groups.find_command(1000)->members[0].fate, Fate::pending);
  EXPECT_NE(write_command(*groups.find_command(1000))
                .find(R"("state":"pending","expires_at":1700000000000,"waits_for_wake":true})"),
            std::string::npos);
  groups.ended(kHall, 7, Fate::executed);
  EXPECT_EQ(write_command(*groups.find_command(1000)),
            R"({"group_command_id":1000,"group":"Lamps","members":[)"
            R"({"mac":"24:6f:28:00:00:01","slot":0,"command_id":7,"state":"executed"},)"
            R"({"mac":"24:6f:28:00:00:02","slot":2,"state":"not_sent","code":"device_busy",)"
            R"("error":"busy"}]})");
}

TEST(Groups, IdentitiesOnlyCountUp) {
  Groups groups;
  ASSERT_TRUE(groups.put("Lamps", {{kHall, 0}}));
  const auto nothing = [](MemberFate&) {};
  const std::uint64_t first = groups.command("Lamps", 1000, nothing).id;
  EXPECT_GT(groups.command("Lamps", 1000, nothing).id, first);
  EXPECT_GT(groups.command("Lamps", 500, nothing).id, first);
}

TEST(Groups, OldCommandsAreForgotten) {
  Groups groups;
  ASSERT_TRUE(groups.put("Lamps", {{kHall, 0}}));
  const std::uint64_t first = groups.command("Lamps", 1, [](MemberFate&) {}).id;
  for (std::size_t i = 0; i < kKeptCommands; ++i) {
    (void)groups.command("Lamps", 1, [](MemberFate&) {});
  }
  EXPECT_EQ(groups.find_command(first), nullptr);
}

TEST(Groups, AMemberThatTakesTheBrokenOnesPlaceIsThereOnce) {
  Groups groups;
  ASSERT_TRUE(groups.put("Lamps", {{kHall, 0}, {kNew, 0}, {kNew, 1}}));
  EXPECT_EQ(groups.replace_device(kHall, kNew), std::vector<std::string>{"Lamps"});
  EXPECT_EQ(*groups.find("Lamps"), (Members{{kNew, 0}, {kNew, 1}}));
}

TEST(Groups, AMemberThatIsReplacedStaysAMember) {
  Groups groups;
  ASSERT_TRUE(groups.put("Lamps", {{kHall, 0}, {kPorch, 2}}));
  ASSERT_TRUE(groups.put("Porch", {{kPorch, 2}}));
  EXPECT_EQ(groups.replace_device(kHall, kNew), std::vector<std::string>{"Lamps"});
  EXPECT_EQ(groups.find("Lamps")->front().mac, kNew);
}

TEST(Groups, ThereIsALimit) {
  Groups groups;
  for (std::size_t i = 0; i < kMaxGroups; ++i) {
    ASSERT_TRUE(groups.put(std::to_string(i), {{kHall, 0}}));
  }
  EXPECT_FALSE(groups.put("one more", {{kHall, 0}}));
  EXPECT_TRUE(groups.put("0", {{kPorch, 0}}));
}

TEST(GroupMembers, AreReadStrictly) {
  const auto good = read_members(R"({"members":[{"mac":"24:6F:28:00:00:01"},
                                                {"mac":"24:6f:28:00:00:01","slot":3}]})");
  ASSERT_TRUE(std::holds_alternative<Members>(good));
  EXPECT_EQ(std::get<Members>(good)[1].slot, 3);
  for (const char* wrong :
       {"", "[]", "{}", R"({"members":[]})", R"({"members":[7]})", R"({"members":[{"mac":"x"}]})",
        R"({"members":[{"mac":"24:6f:28:00:00:01","slot":12}]})",
        R"({"members":[{"mac":"24:6f:28:00:00:01"},{"mac":"24:6f:28:00:00:01"}]})"}) {
    EXPECT_TRUE(std::holds_alternative<std::string>(read_members(wrong))) << wrong;
  }
}

}  // namespace
}  // namespace espial::groups
