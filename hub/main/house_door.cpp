#include "hub/main/house_door.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <istream>
#include <iterator>

#include "hub/main/house_program.hpp"

namespace espial::main {
namespace {

namespace asio = boost::asio;
using Stream = asio::local::stream_protocol;

/// A name is no longer; who says more is not answered.
constexpr std::size_t kMaxLine = 128;
/// More at a time are turned away.
constexpr std::size_t kMaxVisitors = 8;

std::string answer_of(const sim::ModulePlan& button, std::optional<node::PressEnd> end) {
  const auto said = [&](const char* grade, const char* what) {
    return fmt::format("{} {} {}\n", grade, button.works, what);
  };
  if (!end) return said("no", "is no longer bound to it");
  switch (*end) {
    case node::PressEnd::kExecuted:
      return said("ok", "has done it");
    case node::PressEnd::kRefused:
      return said("no", "has refused");
    case node::PressEnd::kUnknown:
      return said("no", "was reset meanwhile: it may have done it or not");
    case node::PressEnd::kTooLate:
      return said("no", "does not answer");
  }
  return said("no", "does not answer");
}

/// One who asks, until he is answered.
class Visitor : public std::enable_shared_from_this<Visitor> {
 public:
  Visitor(Stream::socket socket, const std::vector<std::unique_ptr<HouseBoard>>& boards)
      : socket_(std::move(socket)), in_(kMaxLine), boards_(boards) {}

  void start() {
    asio::async_read_until(socket_, in_, '\n',
                           [self = shared_from_this()](boost::system::error_code error, auto) {
                             if (error) return;
                             std::string name;
                             std::istream line(&self->in_);
                             std::getline(line, name);
                             self->press(name);
                           });
  }

  void close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  void press(const std::string& name) {
    std::string there;
    for (const auto& board : boards_) {
      const sim::ModulePlan& plan = board->plan();
      if (plan.works.empty()) continue;
      there +=
          fmt::format("{}\"{}\" works \"{}\"", there.empty() ? "" : ", ", plan.name, plan.works);
      if (plan.name != name) continue;
      const bool pressed =
          board->press([self = shared_from_this(), &plan](std::optional<node::PressEnd> end) {
            self->say(answer_of(plan, end));
          });
      if (!pressed) {
        say(fmt::format("no {} does not know {} yet: both must have joined\n", plan.name,
                        plan.works));
      }
      return;
    }
    if (there.empty()) there = "no button here works anything";
    say(name.empty() ? fmt::format("ok {}\n", there)
                     : fmt::format("no \"{}\" is no such button: {}\n", name, there));
  }

  void say(std::string text) {
    out_ = std::move(text);
    asio::async_write(socket_, asio::buffer(out_),
                      [self = shared_from_this()](boost::system::error_code, std::size_t) {});
  }

  Stream::socket socket_;
  asio::streambuf in_;
  std::string out_;
  const std::vector<std::unique_ptr<HouseBoard>>& boards_;
};

}  // namespace

class HouseDoor::Implementation : public std::enable_shared_from_this<Implementation> {
 public:
  Implementation(asio::io_context& io, const std::vector<std::unique_ptr<HouseBoard>>& boards)
      : acceptor_(io), boards_(boards) {}

  std::string open(const std::filesystem::path& path) {
    try {
      path_ = path;
      // One that a killed house has left.
      std::filesystem::remove(path);
      acceptor_.open();
      acceptor_.bind(path.string());
      acceptor_.listen();
    } catch (const std::exception& error) {
      return error.what();
    }
    accept();
    return {};
  }

  void close() {
    boost::system::error_code ignored;
    if (!acceptor_.is_open()) return;
    acceptor_.close(ignored);
    for (const auto& one : visitors_) {
      if (const auto visitor = one.lock()) visitor->close();
    }
    std::error_code gone;
    std::filesystem::remove(path_, gone);
  }

 private:
  void accept() {
    acceptor_.async_accept(
        [self = shared_from_this()](boost::system::error_code error, Stream::socket socket) {
          if (error) return;
          self->let_in(std::move(socket));
          self->accept();
        });
  }

  void let_in(Stream::socket socket) {
    for (auto& place : visitors_) {
      if (!place.expired()) continue;
      const auto visitor = std::make_shared<Visitor>(std::move(socket), boards_);
      place = visitor;
      visitor->start();
      return;
    }
  }

  Stream::acceptor acceptor_;
  std::array<std::weak_ptr<Visitor>, kMaxVisitors> visitors_;
  std::filesystem::path path_;
  const std::vector<std::unique_ptr<HouseBoard>>& boards_;
};

HouseDoor::HouseDoor(asio::io_context& io, const std::vector<std::unique_ptr<HouseBoard>>& boards)
    : implementation_(std::make_shared<Implementation>(io, boards)) {}
HouseDoor::~HouseDoor() = default;

std::string HouseDoor::open(const std::filesystem::path& socket) {
  return implementation_->open(socket);
}
void HouseDoor::close() { implementation_->close(); }

std::string HouseDoor::ask(const std::filesystem::path& socket, const std::string& button) {
  asio::io_context io;
  Stream::socket stream(io);
  boost::system::error_code error;
  try {
    stream.connect(socket.string());
  } catch (const std::exception&) {
    return {};
  }
  asio::write(stream, asio::buffer(button + "\n"), error);
  asio::streambuf in;
  asio::read(stream, in, error);
  std::istream text(&in);
  return {std::istreambuf_iterator<char>(text), {}};
}

}  // namespace espial::main
