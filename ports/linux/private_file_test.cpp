#include "ports/linux/private_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace espial {
namespace {

namespace fs = std::filesystem;

TEST(PrivateFile, SaysWhatToDoWhenOthersMayReadASecret) {
  std::string pattern = (fs::temp_directory_path() / "espial-private-XXXXXX").string();
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  const fs::path file = fs::path(pattern) / "some.key";
  EXPECT_EQ(readable_by_others("key", file), std::nullopt) << "it is not there";
  ASSERT_EQ(write_private_file(file, ByteView()), std::nullopt);
  EXPECT_EQ(readable_by_others("key", file), std::nullopt);
  for (const mode_t mode : {0604U, 0640U, 0620U, 0644U}) {
    ASSERT_EQ(::chmod(file.c_str(), mode), 0);
    EXPECT_EQ(
        readable_by_others("key", file),
        "the key " + file.string() + " can be read by others; run: chmod 600 " + file.string());
  }
  ASSERT_EQ(::chmod(file.c_str(), 0400), 0);
  EXPECT_EQ(readable_by_others("key", file), std::nullopt);
  fs::remove_all(pattern);
}

TEST(PrivateFile, TakesAFileThatIsNamedWithoutItsFolder) {
  std::string pattern = (fs::temp_directory_path() / "espial-private-XXXXXX").string();
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  const fs::path before = fs::current_path();
  fs::current_path(pattern);
  EXPECT_EQ(write_private_file("sheet.svg", ByteView()), std::nullopt);
  EXPECT_TRUE(fs::exists("sheet.svg"));
  fs::current_path(before);
  fs::remove_all(pattern);
}

}  // namespace
}  // namespace espial
