#include "hub/access/password.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "hub/access/password_work.hpp"

namespace espial::access {
namespace {

constexpr PasswordCost kCheap{1, 64 * 1024};

TEST(Password, IsArgon2idAndComparesRight) {
  const std::string hash = hash_password("correct horse", kCheap);
  EXPECT_EQ(hash.rfind("$argon2id$v=19$", 0), 0U);
  EXPECT_TRUE(verify_password(hash, "correct horse"));
  EXPECT_FALSE(verify_password(hash, "correct horsf"));
  EXPECT_FALSE(verify_password(hash, ""));
  EXPECT_NE(hash_password("correct horse", kCheap), hash);
  for (const std::string& bad : {std::string(), std::string("$argon2id$"), std::string(500, 'x')}) {
    EXPECT_FALSE(verify_password(bad, "correct horse"));
  }
}

TEST(Password, WhatMayBeChosen) {
  EXPECT_TRUE(acceptable_password("correct horse", "ann"));
  EXPECT_FALSE(acceptable_password("short", "ann"));
  EXPECT_FALSE(acceptable_password("aaaaaaaaaaaa", "ann"));
  EXPECT_FALSE(acceptable_password("administrator", "administrator"));
  EXPECT_FALSE(acceptable_password(std::string(255, 'a') + "bc", "ann"));
}

TEST(Password, CostsLessOnASmallMachine) {
  EXPECT_EQ(cost_for_machine(512ULL << 20).memory_bytes, 19U * 1024 * 1024);
  EXPECT_EQ(cost_for_machine(4096ULL << 20).memory_bytes, 64U * 1024 * 1024);
}

TEST(PasswordWorker, AnswersOnTheLoopAndRefusesALongQueue) {
  boost::asio::io_context io;
  PasswordWorker worker(io, kCheap);
  std::size_t answers = 0;
  std::size_t taken = 0;
  for (std::size_t i = 0; i < PasswordWorker::kWaitingMax + 3; ++i) {
    taken += worker.hash("correct horse",
                         [&](const std::string& hash) {
                           answers += verify_password(hash, "correct horse") ? 1 : 0;
                         })
                 ? 1
                 : 0;
  }
  EXPECT_EQ(taken, PasswordWorker::kWaitingMax);
  EXPECT_EQ(answers, 0U);
  io.run();
  EXPECT_EQ(answers, taken);
  bool right = true;
  EXPECT_TRUE(worker.verify("no hash", "correct horse", [&](bool is) { right = is; }));
  io.restart();
  io.run();
  EXPECT_FALSE(right);
}

TEST(PasswordWorker, MayGoWhileItWorks) {
  boost::asio::io_context io;
  bool answered = false;
  {
    PasswordWorker worker(io, kCheap);
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(worker.hash("correct horse", [&](const std::string&) { answered = true; }));
    }
  }
  io.run();
  EXPECT_FALSE(answered);
}

}  // namespace
}  // namespace espial::access
