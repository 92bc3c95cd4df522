#include "ports/linux/settings_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

namespace espial {
namespace {

namespace fs = std::filesystem;

class SettingsFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "espial-settings-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    file_ = directory_ / "board.settings";
  }
  void TearDown() override { fs::remove_all(directory_); }

  std::vector<std::uint8_t> loaded(SettingsFile& settings, SettingKey key) {
    std::array<std::uint8_t, kMaxSettingSize> out{};
    const std::size_t size = settings.load(key, out);
    return {out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size)};
  }

  fs::path directory_;
  fs::path file_;
};

const std::vector<std::uint8_t> kFirst{1, 2, 3};
const std::vector<std::uint8_t> kSecond{9};

ByteView view(const std::vector<std::uint8_t>& bytes) { return {bytes.data(), bytes.size()}; }

TEST_F(SettingsFileTest, RecordsSurviveTheProcess) {
  {
    SettingsFile settings(file_);
    ASSERT_TRUE(settings.save(SettingKey::kNodeKey, view(kFirst)));
    ASSERT_TRUE(settings.save(SettingKey::kModule, view(kFirst)));
    ASSERT_TRUE(settings.save(SettingKey::kModule, view(kSecond)));
  }
  SettingsFile again(file_);
  EXPECT_FALSE(again.damaged());
  EXPECT_EQ(loaded(again, SettingKey::kNodeKey), kFirst);
  EXPECT_EQ(loaded(again, SettingKey::kModule), kSecond);
  EXPECT_TRUE(loaded(again, SettingKey::kLastGood).empty());
  struct stat status {};
  ASSERT_EQ(::stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(SettingsFileTest, EveryCutAndEveryFlippedByteIsSeen) {
  {
    SettingsFile settings(file_);
    ASSERT_TRUE(settings.save(SettingKey::kNodeKey, view(kFirst)));
  }
  std::ifstream in(file_, std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::ofstream(file_, std::ios::binary | std::ios::trunc) << good.substr(0, i);
    EXPECT_TRUE(SettingsFile(file_).damaged()) << "cut at " << i;
    std::string flipped = good;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x10);
    std::ofstream(file_, std::ios::binary | std::ios::trunc) << flipped;
    SettingsFile settings(file_);
    EXPECT_TRUE(settings.damaged()) << "flipped at " << i;
    EXPECT_TRUE(loaded(settings, SettingKey::kNodeKey).empty());
  }
}

TEST_F(SettingsFileTest, WhatCannotBeWrittenKeepsTheOldRecord) {
  SettingsFile settings(file_);
  ASSERT_TRUE(settings.save(SettingKey::kNodeKey, view(kFirst)));
  EXPECT_FALSE(
      settings.save(SettingKey::kNodeKey, view(std::vector<std::uint8_t>(kMaxSettingSize + 1))));
  // A directory where the new file should be written.
  fs::create_directory(file_.string() + ".new");
  EXPECT_FALSE(settings.save(SettingKey::kNodeKey, view(kSecond)));
  EXPECT_EQ(loaded(settings, SettingKey::kNodeKey), kFirst);
}

}  // namespace
}  // namespace espial
