// Servers that are reached by a port: what is said to them only once they have proved who they are.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <thread>

#include "hub/broker/loopback_port.hpp"
#include "hub/store/database_servers_test.hpp"
#include "hub/store/store_address.hpp"
#include "hub/tls/authority.hpp"

namespace espial::store {
namespace {

using Engine = StoreAddress::Engine;
namespace asio = boost::asio;

class ServerTls : public testing::TestWithParam<Engine> {
 protected:
  ServerTls()
      : server_(GetParam() == Engine::postgresql ? new_postgresql_server() : new_mariadb_server()),
        port_(broker::find_free_port()) {}

  tls::Authority authority(const std::string& name) const {
    const tls::Authority made(folder_.file().parent_path() / name);
    EXPECT_EQ(made.create(), std::nullopt);
    return made;
  }

  StoreAddress at(const std::string& host, const tls::Authority* believed) const {
    ServerAddress server = home_;
    server.socket.clear();
    server.host = host;
    server.port = port_;
    if (believed != nullptr) server.tls_ca = believed->ca_certificate();
    return {GetParam(), {}, server};
  }

  /// What comes of opening a store there, in words; nothing when it opens.
  static std::string refusal(const StoreAddress& address) {
    const auto store = make_store(address);
    const StoreError error = store->open();
    if (error == StoreError::none) return {};
    EXPECT_EQ(error, StoreError::untrusted) << store->last_error_text();
    return store->last_error_text();
  }

  bool is_encrypted(const StoreAddress& address) const {
    const auto connection = make_connector(address)(Purpose::reading);
    const bool postgresql = GetParam() == Engine::postgresql;
    const auto asked = connection->prepare(
        postgresql ? "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
                   : "SELECT variable_value FROM information_schema.session_status "
                     "WHERE variable_name = 'Ssl_cipher'");
    return asked->next() && asked->text(0) != (postgresql ? "f" : "");
  }

  TemporaryFolder folder_;
  std::unique_ptr<DatabaseServer> server_;
  const std::uint16_t port_;
  ServerAddress home_;
};

TEST_P(ServerTls, NothingIsSaidToWhoeverHasNoCertificateForTheHost) {
  const tls::Authority house = authority("our } house; it's");
  const tls::Authority stranger = authority("stranger");
  ASSERT_EQ(house.certify({"127.0.0.1"}), std::nullopt);
  server_->listen({port_, house.certificate(), house.key()});
  server_->start();
  home_ = server_->new_database();

  const StoreAddress proved = at("127.0.0.1", &house);
  EXPECT_EQ(refusal(proved), "");
  EXPECT_TRUE(is_encrypted(proved));
  EXPECT_NE(refusal(at("127.0.0.1", &stranger)).find("certificate"), std::string::npos);
  EXPECT_NE(refusal(at("127.0.0.2", &house)).find("certificate"), std::string::npos);
  StoreAddress nowhere = proved;
  nowhere.server.tls_ca = folder_.file().parent_path() / "nowhere";
  EXPECT_NE(make_store(nowhere)->open(), StoreError::none);

  server_->kill();
  server_->listen({port_, {}, {}});
  server_->start();
  const StoreAddress in_clear = at("127.0.0.1", nullptr);
  EXPECT_EQ(refusal(in_clear), "");
  EXPECT_FALSE(is_encrypted(in_clear));
  EXPECT_NE(refusal(proved).find("server does not support"), std::string::npos) << refusal(proved);
}

TEST_P(ServerTls, LocalhostIsAHostLikeAnyOther) {
  const tls::Authority house = authority("house");
  ASSERT_EQ(house.certify({"localhost"}), std::nullopt);
  server_->listen({port_, house.certificate(), house.key()});
  server_->start();
  home_ = server_->new_database();

  EXPECT_EQ(refusal(at("localhost", nullptr)), "");
  const StoreAddress proved = at("localhost", &house);
  EXPECT_EQ(refusal(proved), "");
  EXPECT_TRUE(is_encrypted(proved));
}

TEST_P(ServerTls, WhoHangsUpIsAwayAndProvesNothing) {
  const tls::Authority house = authority("house");
  home_ = {"", 0, "", "espial", "", "home", ""};
  asio::io_context io;
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), port_});
  std::function<void()> hang_up = [&] {
    acceptor.async_accept([&](boost::system::error_code error, const auto&) {
      if (!error) hang_up();
    });
  };
  hang_up();
  std::thread someone([&] { io.run(); });
  const auto store = make_store(at("127.0.0.1", &house));
  EXPECT_EQ(store->open(), StoreError::away) << store->last_error_text();
  io.stop();
  someone.join();
}

std::string name_of_engine(const testing::TestParamInfo<Engine>& engine) {
  return std::string(to_text(engine.param));
}
INSTANTIATE_TEST_SUITE_P(Engines, ServerTls, testing::Values(Engine::postgresql, Engine::mariadb),
                         name_of_engine);

}  // namespace
}  // namespace espial::store
