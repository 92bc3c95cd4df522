#include "hub/http/host_port.hpp"

#include <gtest/gtest.h>

namespace espial::http {
namespace {

TEST(HostPort, IsReadAsPeopleWriteIt) {
  struct Case {
    const char* text;
    const char* host;
    std::uint16_t port;
    const char* shown;
  };
  for (const Case& one : {Case{"hub.local", "hub.local", 8080, "hub.local:8080"},
                          Case{"hub.local:81", "hub.local", 81, "hub.local:81"},
                          Case{"10.0.0.7:1", "10.0.0.7", 1, "10.0.0.7:1"},
                          Case{"[::1]:8081", "::1", 8081, "[::1]:8081"},
                          Case{"[fe80::1%eth0]", "fe80::1%eth0", 8080, "[fe80::1%eth0]:8080"},
                          Case{"2001:db8::7", "2001:db8::7", 8080, "[2001:db8::7]:8080"}}) {
    const auto place = parse_host_port(one.text, 8080);
    ASSERT_TRUE(place) << one.text;
    EXPECT_EQ(place->host, one.host);
    EXPECT_EQ(place->port, one.port) << one.text;
    EXPECT_EQ(place->text(), one.shown);
  }
}

TEST(HostPort, AnythingElseIsNone) {
  for (const char* const text :
       {"",          ":",        ":80",      "hub:",  "hub:0", "hub:65536", "hub:-1",
        "hub:8o80",  "hub:80 ",  "a b",      "[]",    "[]:80", "[::1",      "::1]",
        "[::1]8080", "user@hub", "hub/path", "hub?x", "hub#x", "]:80"}) {
    EXPECT_FALSE(parse_host_port(text, 8080)) << text;
  }
}

}  // namespace
}  // namespace espial::http
