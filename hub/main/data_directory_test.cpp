#include "hub/main/data_directory.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace espial::main {
namespace {

namespace fs = std::filesystem;

class CountingRandom final : public Random {
 public:
  void fill(MutableByteView out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = next_++;
  }

 private:
  std::uint8_t next_ = 1;
};

class DataDirectoryTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "espial-data-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
  }
  void TearDown() override { fs::remove_all(root_); }

  fs::path root_;
  CountingRandom random_;
};

mode_t mode_of(const fs::path& file) {
  struct stat status {};
  EXPECT_EQ(::stat(file.c_str(), &status), 0) << file;
  return status.st_mode & 0777;
}

TEST_F(DataDirectoryTest, KeysAreDrawnOnceAndForTheOwnerOnly) {
  const DataDirectory data(root_ / "data");
  const Key first = data.network_key(ServerId{1}, random_);
  EXPECT_EQ(first, DataDirectory(root_ / "data").network_key(ServerId{1}, random_));
  EXPECT_NE(first, data.network_key(ServerId{2}, random_));
  EXPECT_NE(first, data.wrap_key(random_));
  EXPECT_EQ(mode_of(data.root()), 0700U);
  EXPECT_EQ(mode_of(data.network_key_file(ServerId{1})), 0600U);
}

TEST_F(DataDirectoryTest, DamagedAndOpenKeysAreRefused) {
  const fs::path file = root_ / "some.key";
  const auto refuses = [&](const std::string& text, mode_t mode) {
    std::ofstream(file) << text;
    EXPECT_EQ(::chmod(file.c_str(), mode), 0);
    EXPECT_THROW(read_key_file(file), DataDirectoryError) << text;
  };
  const std::string good(64, 'a');
  refuses(good.substr(1), 0600);
  refuses(good + "a", 0600);
  refuses(good + "\n\n\n\n\n\n", 0600);
  refuses(std::string(63, 'a') + "g", 0600);
  refuses("", 0600);
  refuses(good, 0644);
  std::ofstream(file) << good << "\n";
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  EXPECT_EQ(read_key_file(file)[0], 0xaa);
}

TEST_F(DataDirectoryTest, AFileInTheWayIsAnError) {
  std::ofstream(root_ / "data") << "x";
  EXPECT_THROW(DataDirectory(root_ / "data"), DataDirectoryError);
}

}  // namespace
}  // namespace espial::main
