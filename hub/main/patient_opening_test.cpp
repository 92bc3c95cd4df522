#include "hub/main/patient_opening.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <vector>

#include "ports/linux/random_linux.hpp"

namespace espial::main {
namespace {

using store::StoreError;

class PatientOpeningTest : public testing::Test {
 protected:
  /// Opens a store of which `answers_` are what the attempts come to; the last one stays.
  PatientOpening opening() {
    return PatientOpening(io_, random_,
                          {[this] { return answers_[std::min(attempts_++, answers_.size() - 1)]; },
                           [this](std::chrono::milliseconds pause) {
                             pauses_.push_back(pause.count());
                             if (on_away_) on_away_();
                           },
                           [this](StoreError error) { outcomes_.push_back(error); }},
                          mqtt::Backoff(1, 8));
  }

  boost::asio::io_context io_;
  RandomLinux random_;
  std::vector<StoreError> answers_;
  std::size_t attempts_ = 0;
  std::vector<std::int64_t> pauses_;
  std::vector<StoreError> outcomes_;
  std::function<void()> on_away_;
};

TEST_F(PatientOpeningTest, AServerThatIsAwayIsWaitedFor) {
  answers_ = {StoreError::away, StoreError::away, StoreError::away, StoreError::none};
  auto opening = this->opening();
  opening.start();
  io_.run();
  EXPECT_EQ(outcomes_, std::vector{StoreError::none});
  EXPECT_EQ(attempts_, 4u);
  ASSERT_EQ(pauses_.size(), 3u);
  EXPECT_LE(pauses_[0], 1);
  EXPECT_LE(pauses_[1], 2);
  EXPECT_LE(pauses_[2], 4);
}

TEST_F(PatientOpeningTest, ARefusalIsFinalAlsoAfterTheServerCame) {
  for (const StoreError refusal :
       {StoreError::denied, StoreError::untrusted, StoreError::locked, StoreError::too_new}) {
    answers_ = {StoreError::away, refusal};
    attempts_ = 0;
    outcomes_.clear();
    io_.restart();
    auto opening = this->opening();
    opening.start();
    io_.run();
    EXPECT_EQ(outcomes_, std::vector{refusal});
    EXPECT_EQ(attempts_, 2u);
  }
}

TEST_F(PatientOpeningTest, WhoStopsWaitsNoLonger) {
  answers_ = {StoreError::away};
  auto opening = this->opening();
  on_away_ = [&] {
    if (pauses_.size() == 2) opening.stop();
  };
  opening.start();
  io_.run();
  EXPECT_TRUE(outcomes_.empty());
  EXPECT_EQ(attempts_, 2u);
}

TEST_F(PatientOpeningTest, OfAnAttemptThatEndsAfterTheStopNothingIsHeard) {
  answers_ = {StoreError::none};
  auto opening = this->opening();
  opening.start();
  opening.stop();
  io_.run();
  EXPECT_TRUE(outcomes_.empty());
}

}  // namespace
}  // namespace espial::main
