#include "hub/access/credentials.hpp"

#include <gtest/gtest.h>

#include <string>

namespace espial::access {
namespace {

TEST(Cookie, IsFoundAmongOthers) {
  EXPECT_EQ(cookie_value("espial=abc", kPlainCookie), "abc");
  EXPECT_EQ(cookie_value("a=b; espial=abc-_9;c=d", kPlainCookie), "abc-_9");
  EXPECT_EQ(cookie_value("__Host-espial=x; espial=y", kSecureCookie), "x");
}

TEST(Cookie, IsNotGuessedFromSomethingElse) {
  for (const char* header : {"", ";", "=", "espial", "espial=", "xespial=abc", "espial =abc",
                             "espial=a b", "espial=\"abc\"", "espial=a%20", "Espial=abc"}) {
    EXPECT_EQ(cookie_value(header, kPlainCookie), std::nullopt) << header;
  }
  EXPECT_EQ(cookie_value("espial=" + std::string(129, 'a'), kPlainCookie), std::nullopt);
  EXPECT_EQ(cookie_value("espial=one; espial=two", kPlainCookie), std::nullopt);
}

TEST(Bearer, TakesOnlyATokenOfItsScheme) {
  EXPECT_EQ(bearer_token("Bearer abc"), "abc");
  EXPECT_EQ(bearer_token("bearer  abc "), "abc");
  for (const char* header : {"", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "Bearer a\xff"}) {
    EXPECT_EQ(bearer_token(header), std::nullopt) << header;
  }
}

}  // namespace
}  // namespace espial::access
