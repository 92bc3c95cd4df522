#include "hub/store/documents.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>

#include "hub/store/sqlite_store.hpp"
#include "hub/store/store_test_support.hpp"

namespace espial::store {
namespace {

class DocumentsTest : public testing::Test {
 protected:
  DocumentsTest() { open({}); }
  ~DocumentsTest() override { close(); }

  void open(const CommitterOptions& options) {
    store_ = make_sqlite_store({.file = folder_.file()});
    ASSERT_EQ(store_->open(), StoreError::none);
    Snapshot snapshot;
    ASSERT_EQ(store_->load(snapshot), StoreError::none);
    committer_ = std::make_unique<Committer>(*store_, io_, options);
    documents_ = std::make_unique<Documents>(*committer_, std::move(snapshot.documents));
  }
  void close() {
    committer_->stop();
    io_.restart();
    io_.run();
  }
  void reopen(const CommitterOptions& options = {}) {
    close();
    open(options);
  }
  std::vector<AuditRecord> audit() {
    std::vector<AuditRecord> records;
    EXPECT_EQ(store_->open_reader()->audit(10, records), StoreError::none);
    return records;
  }

  TemporaryFolder folder_;
  boost::asio::io_context io_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Committer> committer_;
  std::unique_ptr<Documents> documents_;
};

TEST_F(DocumentsTest, ShowsAtOnceWhatIsPutAndKeepsIt) {
  EXPECT_EQ(documents_->find("groups", "a"), nullptr);
  EXPECT_TRUE(documents_->all("groups").empty());
  ASSERT_TRUE(documents_->put({"groups", "a", "1"}));
  ASSERT_NE(documents_->find("groups", "a"), nullptr);
  EXPECT_EQ(*documents_->find("groups", "a"), "1");
  EXPECT_EQ(documents_->find("alarms", "a"), nullptr);
  ASSERT_TRUE(documents_->put({"groups", "b", "2"}));
  reopen();
  EXPECT_EQ(documents_->all("groups"), (Documents::Collection{{"a", "1"}, {"b", "2"}}));
}

TEST_F(DocumentsTest, RemovesWithAnEmptyBody) {
  ASSERT_TRUE(documents_->put({"groups", "a", "1"}));
  ASSERT_TRUE(documents_->put({"groups", "a", ""}));
  EXPECT_EQ(documents_->find("groups", "a"), nullptr);
  reopen();
  EXPECT_TRUE(documents_->all("groups").empty());
}

TEST_F(DocumentsTest, SaysWhenItIsStoredAndByWhom) {
  int stored = 0;
  ASSERT_TRUE(documents_->put({"groups", "a", "1"},
                              AuditRecord{UnixTime{5}, "anna", "group.change", "a", "new"},
                              [&] { ++stored; }));
  EXPECT_EQ(stored, 0);
  reopen();
  EXPECT_EQ(stored, 1);
  ASSERT_EQ(audit().size(), 1u);
  EXPECT_EQ(audit()[0].account, "anna");
}

TEST_F(DocumentsTest, ShowsWhatStandsInAUnitOfAnothers) {
  const Document document{"groups", "a", "1"};
  ASSERT_TRUE(committer_->submit({{document}, {}}));
  documents_->adopt(document);
  EXPECT_EQ(*documents_->find("groups", "a"), "1");
  documents_->adopt({"groups", "a", ""});
  EXPECT_EQ(documents_->find("groups", "a"), nullptr);
  reopen();
  ASSERT_NE(documents_->find("groups", "a"), nullptr) << "nobody has stored that it is gone";
  EXPECT_EQ(*documents_->find("groups", "a"), "1");
}

TEST_F(DocumentsTest, ChangesNothingThatTheStoreWillNotTake) {
  CommitterOptions full;
  full.max_backlog_units = 0;
  reopen(full);
  EXPECT_FALSE(documents_->put({"groups", "a", "1"}));
  EXPECT_EQ(documents_->find("groups", "a"), nullptr);
  reopen();
  EXPECT_FALSE(documents_->put({"groups", "", "1"}));
  EXPECT_FALSE(documents_->put({"groups", "a", "1"}, AuditRecord{UnixTime{5}, "", "", "", ""}));
  EXPECT_TRUE(documents_->all("groups").empty());
}

}  // namespace
}  // namespace espial::store
