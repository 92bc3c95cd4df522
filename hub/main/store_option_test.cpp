#include "hub/main/store_option.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>

namespace espial::main {
namespace {

namespace fs = std::filesystem;

TEST(StoreOption, TakesAPasswordThatOnlyItsOwnerCanRead) {
  std::string folder = (fs::temp_directory_path() / "espial-store-option-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  StoreOption option;
  option.store = "mariadb://anna@127.0.0.1/home";
  option.password_file = (fs::path(folder) / "password").string();
  std::ofstream(option.password_file) << "secret\n";
  ASSERT_EQ(::chmod(option.password_file.c_str(), 0644), 0);
  try {
    (void)option.address_to_read(folder);
    ADD_FAILURE() << "taken";
  } catch (const CLI::ValidationError& error) {
    EXPECT_NE(std::string(error.what()).find("run: chmod 600 " + option.password_file),
              std::string::npos)
        << error.what();
  }
  ASSERT_EQ(::chmod(option.password_file.c_str(), 0600), 0);
  EXPECT_EQ(option.address_to_read(folder).server.password, "secret");
  fs::remove_all(folder);
}

TEST(StoreOption, SaysWhichAuthorityCannotBeRead) {
  StoreOption option;
  option.store = "postgresql://db.example/home?tls_ca=/nowhere/ca.pem";
  try {
    (void)option.address_to_read("");
    ADD_FAILURE() << "taken";
  } catch (const CLI::ValidationError& error) {
    EXPECT_NE(std::string(error.what()).find("/nowhere/ca.pem can't be read"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace espial::main
