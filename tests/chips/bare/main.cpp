// Runs every test of a program on bare metal. Says what failed, ends with "N passed, N failed" and
// with exit code 0 only when every test passed and there was one.

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>

namespace testing::bare {
namespace {

bool current_failed = false;

}  // namespace

std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

std::vector<std::function<void()>>& expanders() {
  static std::vector<std::function<void()>> all;
  return all;
}

std::vector<std::string>& Trace::stack() {
  static std::vector<std::string> all;
  return all;
}

void fail(const char* file, int line, const std::string& what) {
  current_failed = true;
  std::printf("%s:%d: failure\n  %s\n", file, line, what.c_str());
  for (const std::string& trace : Trace::stack()) std::printf("  in %s\n", trace.c_str());
}

}  // namespace testing::bare

int main() {
  using namespace testing::bare;
  for (const auto& expand : expanders()) expand();
  int passed = 0;
  int failed = 0;
  for (const Case& each : cases()) {
    current_failed = false;
    {
      const std::unique_ptr<testing::Test> test(each.make());
      test->SetUp();
      test->TestBody();
      test->TearDown();
    }
    if (current_failed) std::printf("FAILED %s.%s\n", each.suite.c_str(), each.name.c_str());
    (current_failed ? failed : passed) += 1;
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}
