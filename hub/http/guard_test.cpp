#include "hub/http/guard.hpp"

#include <gtest/gtest.h>

namespace espial::http {
namespace {

Request request_of(std::string method, std::string host, std::string origin, std::string type) {
  Request request;
  request.method = std::move(method);
  request.host = std::move(host);
  request.origin = std::move(origin);
  request.content_type = std::move(type);
  return request;
}

unsigned status_of(const Request& request) {
  const auto refusal = guard(request);
  return refusal ? refusal->status : 0;
}

TEST(Guard, KnowsTheNamesOfThisMachine) {
  for (const char* host : {"localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:8080",
                           "127.9.8.7", "[::1]", "[::1]:8080"}) {
    EXPECT_TRUE(names_loopback(host)) << host;
  }
}

TEST(Guard, KnowsNoOthers) {
  for (const char* host : {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                           "127.0.0.1x", "127.0.0", "127.0.0.256", "128.0.0.1", "127.0.0.1:80x",
                           "[::2]", "[::1", "[::1]x", "127.0.0.1.", "192.168.1.5:8080"}) {
    EXPECT_FALSE(names_loopback(host)) << host;
  }
}

TEST(Guard, RefusesAnotherMachinesName) {
  EXPECT_EQ(status_of(request_of("GET", "evil.example", "", "")), 421U);
  EXPECT_EQ(status_of(request_of("GET", "", "", "")), 421U);
  EXPECT_EQ(status_of(request_of("GET", "localhost:8080", "", "")), 0U);
}

TEST(Guard, RefusesAnotherSitesOrigin) {
  EXPECT_EQ(status_of(request_of("GET", "localhost:1", "http://evil.example", "")), 403U);
  EXPECT_EQ(status_of(request_of("GET", "localhost:1", "null", "")), 403U);
  EXPECT_EQ(status_of(request_of("GET", "localhost:1", "http://localhost:2", "")), 403U);
  EXPECT_EQ(status_of(request_of("GET", "localhost:1", "https://localhost:1", "")), 403U);
  EXPECT_EQ(status_of(request_of("GET", "localhost:1", "http://localhost:1", "")), 0U);
}

TEST(Guard, DemandsJsonOfWhateverWrites) {
  for (const char* method : {"POST", "PATCH", "PUT", "DELETE"}) {
    EXPECT_EQ(status_of(request_of(method, "localhost", "", "")), 415U);
    EXPECT_EQ(status_of(request_of(method, "localhost", "", "text/plain")), 415U);
    EXPECT_EQ(status_of(request_of(method, "localhost", "", "application/jsonx")), 415U);
    EXPECT_EQ(status_of(request_of(method, "localhost", "", "Application/JSON ; charset=utf-8")),
              0U);
  }
}

}  // namespace
}  // namespace espial::http
