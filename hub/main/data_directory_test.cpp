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
  const Key first = data.network_key(ServerId{1}, random_).key;
  EXPECT_EQ(first, DataDirectory(root_ / "data").network_key(ServerId{1}, random_).key);
  EXPECT_NE(first, data.network_key(ServerId{2}, random_).key);
  EXPECT_NE(first, data.wrap_key(random_));
  EXPECT_EQ(mode_of(data.root()), 0700U);
  EXPECT_EQ(mode_of(data.network_key_file(ServerId{1})), 0600U);
}

TEST_F(DataDirectoryTest, OthersDoNotGetIn) {
  const fs::path data = root_ / "data";
  fs::create_directory(data);
  for (const mode_t mode : {0755U, 0711U, 0750U}) {  // empty, and then with a hub's data
    ASSERT_EQ(::chmod(data.c_str(), mode), 0);
    (void)DataDirectory(data);
    EXPECT_EQ(mode_of(data), 0700U);
  }
}

TEST_F(DataDirectoryTest, AFolderOfSomethingElseIsNotClosedButRefused) {
  const fs::path somebodys = root_ / "photos";
  fs::create_directory(somebodys);
  std::ofstream(somebodys / "summer.jpg") << "x";
  ASSERT_EQ(::chmod(somebodys.c_str(), 0755), 0);
  try {
    (void)DataDirectory(somebodys);
    ADD_FAILURE() << "taken";
  } catch (const DataDirectoryError& error) {
    EXPECT_NE(std::string(error.what()).find("chmod 700 " + somebodys.string()), std::string::npos)
        << error.what();
  }
  EXPECT_EQ(mode_of(somebodys), 0755U);
  EXPECT_FALSE(fs::exists(somebodys / "keys"));
  ASSERT_EQ(::chmod(somebodys.c_str(), 0700), 0);
  (void)DataDirectory(somebodys);
}

TEST_F(DataDirectoryTest, WhatIsNotThereIsNotBegun) {
  const fs::path somebodys = root_ / "photos" / "summer";
  fs::create_directories(somebodys);
  EXPECT_THROW((void)DataDirectory::existing(root_ / "data"), DataDirectoryError);
  EXPECT_THROW((void)DataDirectory::existing(somebodys), DataDirectoryError);
  EXPECT_FALSE(fs::exists(root_ / "data"));
  EXPECT_TRUE(fs::is_empty(somebodys));

  const DataDirectory begun(root_ / "data");
  EXPECT_EQ(DataDirectory::existing(root_ / "data").root(), begun.root());
  // A database alone, as whoever copied no keys has it.
  std::ofstream(somebodys / "espial.db") << "x";
  EXPECT_EQ(DataDirectory::existing(somebodys).database(), somebodys / "espial.db");
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
  for (const char* generation : {" 256", " -1", " ", "  1", "x1", " 1x", " 1 "}) {
    refuses(good + generation, 0600);
  }
  std::ofstream(file) << good << "\n";
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  EXPECT_EQ(read_key_file(file)[0], 0xaa);
  std::ofstream(file) << good << " 255\n";
  EXPECT_EQ(read_numbered_key_file(file).generation, 255);
}

TEST_F(DataDirectoryTest, AChangeOfTheNetworkKeyIsFoundAgainAtEveryStep) {
  const DataDirectory data(root_ / "data");
  const ServerId server{1};
  const features::NetworkKeyPair first = data.network_key(server, random_);
  EXPECT_EQ(first.generation, 0);
  EXPECT_FALSE(first.former);

  features::NetworkKeyPair changing{{}, 1, first.key};
  random_.fill(changing.key);
  ASSERT_TRUE(data.keep_network_key(server, changing, Key{}));
  const features::NetworkKeyPair during = data.network_key(server, random_);
  EXPECT_EQ(during.key, changing.key);
  EXPECT_EQ(during.generation, 1);
  EXPECT_EQ(during.former, first.key);
  EXPECT_EQ(mode_of(data.former_key_file(server)), 0600U);

  changing.former.reset();
  ASSERT_TRUE(data.keep_network_key(server, changing, Key{}));
  EXPECT_FALSE(data.network_key(server, random_).former);
  EXPECT_EQ(data.network_key(server, random_).generation, 1);

  // The power failed when only the former key was written: nothing has changed yet.
  fs::copy_file(data.network_key_file(server), data.former_key_file(server));
  EXPECT_FALSE(data.network_key(server, random_).former);
}

TEST_F(DataDirectoryTest, BelongsToOneHubAtATime) {
  const DataDirectory data(root_ / "data");
  {
    const DirectoryClaim claim = data.claim();
    EXPECT_THROW((void)DataDirectory(root_ / "data").claim(), DataDirectoryError);
  }
  EXPECT_NO_THROW((void)data.claim());
}

TEST_F(DataDirectoryTest, AFileInTheWayIsAnError) {
  std::ofstream(root_ / "data") << "x";
  EXPECT_THROW(DataDirectory(root_ / "data"), DataDirectoryError);
}

}  // namespace
}  // namespace espial::main
