#include "hub/store/store_address.hpp"

#include <gtest/gtest.h>

namespace espial::store {
namespace {

StoreAddress parsed(const std::string& text) {
  const auto result = parse_store_address(text);
  EXPECT_TRUE(result.address) << text << ": " << result.problem;
  return result.address.value_or(StoreAddress{});
}

TEST(StoreAddress, ReadsAFile) {
  const StoreAddress address = parsed("sqlite:/var/lib/my house.db");
  EXPECT_EQ(address.engine, StoreAddress::Engine::sqlite);
  EXPECT_EQ(address.file, "/var/lib/my house.db");
  EXPECT_EQ(to_text(address), "sqlite:/var/lib/my house.db");
}

TEST(StoreAddress, ReadsAServer) {
  const StoreAddress address = parsed("postgresql://anna@db.example:5433/home");
  EXPECT_EQ(address.engine, StoreAddress::Engine::postgresql);
  EXPECT_EQ(address.server.user, "anna");
  EXPECT_EQ(address.server.host, "db.example");
  EXPECT_EQ(address.server.port, 5433);
  EXPECT_EQ(address.server.database, "home");
  EXPECT_EQ(to_text(address), "postgresql://anna@db.example:5433/home");
}

TEST(StoreAddress, ReadsASocketOfThisMachine) {
  const StoreAddress address = parsed("mysql:///home?socket=/run/a%20b/socket");
  EXPECT_EQ(address.engine, StoreAddress::Engine::mariadb);
  EXPECT_EQ(address.server.host, "");
  EXPECT_EQ(address.server.port, 0);
  EXPECT_EQ(address.server.socket, "/run/a b/socket");
  EXPECT_EQ(to_text(address), "mariadb:///home?socket=/run/a%20b/socket");
}

TEST(StoreAddress, ReadsWhoVouchesForAServer) {
  const StoreAddress address = parsed("postgresql://db/home?tls_ca=/etc/a%26b.pem");
  EXPECT_EQ(address.server.tls_ca, "/etc/a&b.pem");
  EXPECT_EQ(to_text(address), "postgresql://db/home?tls_ca=/etc/a%26b.pem");
  const StoreAddress both = parsed("mysql://db/home?tls_ca=ca.pem&socket=/run/x");
  EXPECT_EQ(to_text(both), "mariadb://db/home?socket=/run/x&tls_ca=ca.pem");
}

TEST(StoreAddress, NeverShowsAPassword) {
  StoreAddress address = parsed("mariadb://anna@db/home");
  address.server.password = "secret";
  EXPECT_EQ(to_text(address).find("secret"), std::string::npos);
}

TEST(StoreAddress, SaysWhatToWriteInstead) {
  const auto problem = [](const std::string& text) { return parse_store_address(text).problem; };
  const std::string word = "secret";
  EXPECT_NE(problem("mariadb://anna:" + word + "@db/home").find("--store-password-file"),
            std::string::npos);
  EXPECT_EQ(problem("mariadb://anna:" + word + "@db/home").find("secret"), std::string::npos);
  EXPECT_NE(problem("espial.db").find("sqlite:PATH"), std::string::npos);
  EXPECT_NE(problem("sqlite:").find("sqlite:PATH"), std::string::npos);
  EXPECT_NE(problem("postgresql://db").find("database is missing"), std::string::npos);
  EXPECT_NE(problem("postgresql://db/").find("database is missing"), std::string::npos);
  EXPECT_NE(problem("postgresql://db:0/home").find("port"), std::string::npos);
  EXPECT_NE(problem("postgresql://db:99999/home").find("port"), std::string::npos);
  EXPECT_NE(problem("postgresql://db/home?user=root").find("socket="), std::string::npos);
  for (const char* const end : {"?", "?tls_ca", "?tls_ca=", "?tls=verify", "?sslmode=require",
                                "?tls_ca=a&", "?tls_ca=a&tls_ca=b", "?socket=/run/x&"}) {
    EXPECT_NE(problem("mariadb://db/home" + std::string(end)).find("tls_ca=FILE"),
              std::string::npos)
        << end;
  }
  for (const char* const host : {"", "%2Frun", "anna@"}) {
    EXPECT_NE(problem("postgresql://" + std::string(host) + "/home?tls_ca=a").find("HOST"),
              std::string::npos)
        << host;
  }
  EXPECT_NE(problem("postgresql://db/home?tls_ca=%4").find("hexadecimal"), std::string::npos);
  EXPECT_NE(problem("postgresql://db/h%4").find("hexadecimal"), std::string::npos);
  EXPECT_NE(problem("postgresql://db/h%00").find("hexadecimal"), std::string::npos);
  EXPECT_NE(problem(std::string(5'000, 'x')).find("long"), std::string::npos);
}

}  // namespace
}  // namespace espial::store
