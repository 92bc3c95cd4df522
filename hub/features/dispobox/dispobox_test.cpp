#include "hub/features/dispobox/dispobox.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include "hub/features/feature_fixture_test.hpp"
#include "ports/linux/clock.hpp"

namespace espial::dispobox {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

/// A node: answers each question, until it is told to keep silent.
class FakeNode : public std::enable_shared_from_this<FakeNode> {
 public:
  FakeNode(asio::io_context& io, std::string answer) : socket_(io), answer_(std::move(answer)) {}

  void connect(std::uint16_t port) {
    socket_.async_connect({asio::ip::address_v4::loopback(), port},
                          [self = shared_from_this()](ErrorCode error) {
                            if (!error) self->listen();
                          });
  }
  void leave() {
    ErrorCode ignored;
    socket_.close(ignored);
  }
  void say(const std::string& text) {
    ErrorCode ignored;
    asio::write(socket_, asio::buffer(text), ignored);
  }
  const std::vector<std::string>& asked() const { return asked_; }
  bool closed() const { return closed_; }

 private:
  void listen() {
    asio::async_read_until(
        socket_, input_, '#', [self = shared_from_this()](ErrorCode error, std::size_t size) {
          if (error) {
            self->closed_ = true;
            return;
          }
          std::string question(size, '\0');
          self->input_.sgetn(question.data(), static_cast<std::streamsize>(size));
          self->asked_.push_back(question);
          if (!self->answer_.empty()) self->say(self->answer_);
          self->listen();
        });
  }

  Tcp::socket socket_;
  std::string answer_;
  asio::streambuf input_;
  std::vector<std::string> asked_;
  bool closed_ = false;
};

class DispoBoxServer : public features::FeatureFixture {
 protected:
  void begin(DispoBox::Options options = always_open()) {
    const store::Snapshot snapshot = open();
    options.port = 0;
    documents_.emplace(*committer_, snapshot.documents);
    dispobox_.emplace(io_, std::move(options),
                      DispoBox::Ports{*live_, *committer_, *documents_, [] { return unix_now(); }});
    dispobox_->restore(snapshot);
    ASSERT_EQ(dispobox_->start(), std::nullopt);
  }
  static DispoBox::Options always_open() {
    DispoBox::Options options;
    for (Openings& day : options.calendar.week) day = {{0, 24 * 60}};
    return options;
  }
  void end() {
    for (const auto& node : nodes_) node->leave();
    dispobox_->stop();
    close();
  }
  FakeNode& node(std::string answer) {
    nodes_.push_back(std::make_shared<FakeNode>(io_, std::move(answer)));
    nodes_.back()->connect(dispobox_->port());
    return *nodes_.back();
  }

  std::optional<store::Documents> documents_;
  std::optional<DispoBox> dispobox_;
  std::vector<std::shared_ptr<FakeNode>> nodes_;
};

TEST_F(DispoBoxServer, AsksANodeAndShowsItsBoxes) {
  begin();
  const FakeNode& one = node("411420B87");
  ASSERT_TRUE(settle([&] {
    return dispobox_->answer("getAllBoxes").find(R"({"id":"41","state":1,"name":"41"})") !=
           std::string::npos;
  }));
  EXPECT_EQ(one.asked().front(), "datas#");
  EXPECT_NE(dispobox_->answer("getAllBoxes").find(R"({"id":"42","state":0,"name":"42"})"),
            std::string::npos);
  EXPECT_EQ(dispobox_->answer("dropTables").find(R"({"code":-1,)"), 0u);
  end();
}

TEST_F(DispoBoxServer, WhileClosedNodesAreSentToSleep) {
  DispoBox::Options options;
  options.calendar.week = {};  // never open
  begin(options);
  const FakeNode& one = node("Bonne nuit, B64%");
  ASSERT_TRUE(settle([&] { return one.closed(); }));
  EXPECT_EQ(one.asked(), std::vector<std::string>{std::to_string(kMaxClosedDays * 86'400) + "#"});
  EXPECT_EQ(dispobox_->counters().talk.sleeps, 1u);
  end();
}

TEST_F(DispoBoxServer, AThousandNodesShareOneLoop) {
  // Both ends of every connection are files of this process.
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 4096);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  begin();
  for (int i = 0; i < 1000; ++i) {
    const int box = 10 + i % 90;
    node(std::to_string(box) + "0");
  }
  ASSERT_TRUE(settle([&] {
    const DispoBox::Counters counters = dispobox_->counters();
    return counters.connections == 1000 && counters.talk.answers >= 2000;
  }));
  EXPECT_EQ(dispobox_->counters().refused, 0u);
  ASSERT_TRUE(settle([&] { return shown_devices() == 90; }));
  end();
}

TEST_F(DispoBoxServer, OneTooManyIsRefusedAndTheOthersGoOn) {
  DispoBox::Options options = always_open();
  options.max_connections = 2;
  begin(options);
  const FakeNode& first = node("410");
  node("420");
  ASSERT_TRUE(settle([&] { return dispobox_->counters().connections == 2; }));
  const FakeNode& third = node("430");
  ASSERT_TRUE(settle([&] { return third.closed(); }));
  EXPECT_EQ(dispobox_->counters().refused, 1u);
  const std::size_t asked = first.asked().size();
  EXPECT_TRUE(settle([&] { return first.asked().size() > asked; }));
  end();
}

TEST_F(DispoBoxServer, WhoTalksNonsenseOrTooMuchDisturbsNobody) {
  begin();
  const FakeNode& good = node("410");
  const FakeNode& nonsense = node("GET / HTTP/1.1\r\n\r\n");
  const FakeNode& flood = node(std::string(1'000'000, '4'));
  ASSERT_TRUE(settle([&] { return flood.closed() && nonsense.closed(); }));
  const std::size_t asked = good.asked().size();
  EXPECT_TRUE(settle([&] { return good.asked().size() > asked + 1; }));
  EXPECT_EQ(dispobox_->counters().connections, 1u);
  end();
}

TEST_F(DispoBoxServer, APortThatIsTakenIsToldWithTheOptionThatChoosesAnother) {
  begin();
  DispoBox::Options options;
  options.port = dispobox_->port();
  DispoBox second(io_, options, {*live_, *committer_, *documents_, [] { return unix_now(); }});
  const auto error = second.start();
  ASSERT_TRUE(error.has_value());
  EXPECT_NE(error->find("--dispobox"), std::string::npos);
  end();
}

}  // namespace
}  // namespace espial::dispobox
