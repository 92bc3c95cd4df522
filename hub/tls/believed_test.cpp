#include "hub/tls/believed.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>

namespace espial::tls {
namespace {

/// A connection that has not begun.
class BelievedTest : public testing::Test {
 protected:
  BelievedTest() : connection_(::SSL_new(context_.native_handle()), &::SSL_free) {}

  std::string demanded_address() const {
    char* const text = ::X509_VERIFY_PARAM_get1_ip_asc(::SSL_get0_param(connection_.get()));
    std::string address = text == nullptr ? "" : text;
    ::OPENSSL_free(text);
    return address;
  }

  boost::asio::ssl::context context_{boost::asio::ssl::context::tls_client};
  const std::unique_ptr<SSL, decltype(&::SSL_free)> connection_;
};

TEST_F(BelievedTest, ANameIsDemanded) {
  EXPECT_TRUE(demand_name(connection_.get(), "hub.local"));
  EXPECT_STREQ(::X509_VERIFY_PARAM_get0_host(::SSL_get0_param(connection_.get()), 0), "hub.local");
  EXPECT_EQ(::SSL_get_verify_mode(connection_.get()), SSL_VERIFY_PEER);
}

TEST_F(BelievedTest, AnAddressIsDemandedWithoutTheInterfaceThatLeadsThere) {
  EXPECT_TRUE(demand_name(connection_.get(), "192.168.1.5"));
  EXPECT_EQ(demanded_address(), "192.168.1.5");
  EXPECT_TRUE(demand_name(connection_.get(), "fe80::1%lo"));
  EXPECT_EQ(demanded_address(), "FE80:0:0:0:0:0:0:1");
  EXPECT_EQ(::SSL_get_verify_mode(connection_.get()), SSL_VERIFY_PEER);
}

TEST_F(BelievedTest, WhatIsNoNameIsNotTakenForAnyName) {
  EXPECT_FALSE(demand_name(connection_.get(), ""));
}

}  // namespace
}  // namespace espial::tls
