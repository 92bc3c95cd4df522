#include "hub/store/sqlite_store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <string>

#include "hub/store/soci_support.hpp"
#include "hub/store/store_test_support.hpp"

namespace espial::store {
namespace {

std::unique_ptr<soci::session> other_program(const TemporaryFolder& folder) {
  return std::make_unique<soci::session>(soci::sqlite3, "db=" + folder.file().string());
}

SqliteOptions impatient(const TemporaryFolder& folder) {
  return {.file = folder.file(), .busy_timeout_ms = 10};
}

TEST(SqliteStore, SaysWhenAnotherProgramHoldsTheDatabase) {
  const TemporaryFolder folder;
  const auto store = make_sqlite_store(impatient(folder));
  ASSERT_EQ(store->open(), StoreError::none);
  const auto other = other_program(folder);
  *other << "BEGIN IMMEDIATE";
  EXPECT_EQ(apply(*store, {device_record(1)}), StoreError::locked);
  *other << "ROLLBACK";
  EXPECT_EQ(apply(*store, {device_record(1)}), StoreError::none);
}

TEST(SqliteStore, SaysWhenThereIsNoSpaceAndKeepsWhatItHas) {
  const TemporaryFolder folder;
  SqliteOptions options = impatient(folder);
  options.max_pages = 40;
  const auto store = make_sqlite_store(options);
  ASSERT_EQ(store->open(), StoreError::none) << store->last_error_text();
  ASSERT_EQ(apply(*store, {device_record(1), number_reading(1, 1, 1)}), StoreError::none);
  Changes many;
  for (int i = 0; i < 20'000; ++i) many.push_back(number_reading(1, 2 + i, 1));
  EXPECT_EQ(apply(*store, many), StoreError::full);
  EXPECT_EQ(store->open_reader()->counts().readings, 1u);
  EXPECT_EQ(apply(*store, {number_reading(1, 2, 1)}), StoreError::none);
}

TEST(SqliteStore, ReadsWhileAWriterIsAtWork) {
  const TemporaryFolder folder;
  const auto store = make_sqlite_store(impatient(folder));
  ASSERT_EQ(store->open(), StoreError::none);
  ASSERT_EQ(apply(*store, {device_record(1), number_reading(1, 1, 1)}), StoreError::none);
  const auto reader = store->open_reader();
  const auto other = other_program(folder);
  *other << "BEGIN EXCLUSIVE";
  *other << "DELETE FROM recent";
  EXPECT_EQ(reader->history(DeviceId{1}, 0, 0, UnixTime{0}, UnixTime{9}, 9).readings, 1u);
  *other << "ROLLBACK";
}

TEST(SqliteStore, KeepsAWriteAheadLog) {
  const TemporaryFolder folder;
  const auto store = make_sqlite_store(impatient(folder));
  ASSERT_EQ(store->open(), StoreError::none);
  std::string mode;
  *other_program(folder) << "PRAGMA journal_mode", soci::into(mode);
  EXPECT_EQ(mode, "wal");
}

TEST(SqliteStore, MakesItsFilesForTheirOwnerOnly) {
  const TemporaryFolder folder;
  const mode_t former_mask = ::umask(022);
  const auto store = make_sqlite_store(impatient(folder));
  ASSERT_EQ(store->open(), StoreError::none);
  ASSERT_EQ(apply(*store, {device_record(1)}), StoreError::none);
  ::umask(former_mask);
  for (const char* end : {"", "-wal", "-shm"}) {
    struct stat status {};
    ASSERT_EQ(::stat((folder.file().string() + end).c_str(), &status), 0) << end;
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << end;
  }
}

TEST(SqliteStore, LeavesADatabaseOfALaterVersionAlone) {
  const TemporaryFolder folder;
  const auto store = make_sqlite_store(impatient(folder));
  ASSERT_EQ(store->open(), StoreError::none);
  ASSERT_EQ(apply(*store, {device_record(1)}), StoreError::none);
  store->close();
  *other_program(folder) << "PRAGMA user_version = " + std::to_string(kSchemaVersion + 1);
  EXPECT_EQ(store->open(), StoreError::too_new);
  EXPECT_EQ(apply(*store, {device_record(2)}), StoreError::not_open);
  int version = 0;
  *other_program(folder) << "PRAGMA user_version", soci::into(version);
  EXPECT_EQ(static_cast<std::uint32_t>(version), kSchemaVersion + 1);
}

TEST(SqliteStore, RefusesADatabaseOfSomethingElse) {
  const TemporaryFolder folder;
  *other_program(folder) << "CREATE TABLE songs (title TEXT)";
  EXPECT_EQ(make_sqlite_store(impatient(folder))->open(), StoreError::corrupt);
}

TEST(SqliteStore, RefusesWhatIsNoDatabase) {
  const TemporaryFolder folder;
  std::ofstream(folder.file()) << std::string(8'192, 'x');
  const auto store = make_sqlite_store(impatient(folder));
  EXPECT_EQ(store->open(), StoreError::corrupt);
  EXPECT_FALSE(store->last_error_text().empty());
}

TEST(SqliteStore, SaysWhenItsFolderIsMissing) {
  const TemporaryFolder folder;
  const auto store = make_sqlite_store({.file = folder.file() / "missing" / "espial.db"});
  EXPECT_EQ(store->open(), StoreError::io);
}

TEST(SqliteStore, OpensFilesWithSpacesInTheirName) {
  const TemporaryFolder folder;
  const auto file = folder.file().parent_path() / "my house; all of it.db";
  const auto store = make_sqlite_store({.file = file});
  ASSERT_EQ(store->open(), StoreError::none) << store->last_error_text();
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST(StoreError, HasWordsForEach) {
  for (int error = 0; error <= static_cast<int>(StoreError::other); ++error) {
    EXPECT_NE(to_text(static_cast<StoreError>(error)), "unknown");
  }
}

}  // namespace
}  // namespace espial::store
