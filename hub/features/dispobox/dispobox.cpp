#include "hub/features/dispobox/dispobox.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <unordered_set>
#include <utility>
#include <vector>

#include "hub/mqtt/log_limit.hpp"
#include "ports/linux/clock.hpp"

namespace espial::dispobox {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using Tcp = asio::ip::tcp;

constexpr std::chrono::seconds kTick{1};
/// After an accept that failed: most likely no file descriptors are left.
constexpr std::chrono::milliseconds kAcceptPause{100};
/// Code of an answer to an application that asks for what there is not.
constexpr int kUnknownAction = -1;

class Link;

}  // namespace

struct DispoBoxState : std::enable_shared_from_this<DispoBoxState> {
  DispoBoxState(asio::io_context& context, DispoBox::Options wanted, DispoBox::Ports ports)
      : io(context),
        options(std::move(wanted)),
        unix_now(std::move(ports.unix_now)),
        boxes({ports.live, ports.committer, ports.documents, unix_now,
               [this](const std::vector<BoxView>& views, std::uint8_t changed) {
                 if (!tables) return;
                 tables->add(
                     {local_time(options.calendar, unix_now()), changed, views, boxes.gone()});
               }}),
        acceptor(io),
        timer(io),
        accept_pause(io) {
    if (!options.database.empty()) {
      AppTables::Options wanted_tables;
      wanted_tables.connect = options.database;
      tables = std::make_unique<AppTables>(std::move(wanted_tables));
    }
  }

  std::uint32_t closed_s() const { return seconds_closed(options.calendar, unix_now()); }
  void accept();
  void accepted(Tcp::socket socket);
  void tick();

  asio::io_context& io;
  DispoBox::Options options;
  std::function<UnixTime()> unix_now;
  std::unique_ptr<AppTables> tables;
  Boxes boxes;
  TalkCounters talk;
  DispoBox::Counters counters;
  Tcp::acceptor acceptor;
  asio::steady_timer timer;
  asio::steady_timer accept_pause;
  std::unordered_set<Link*> links;
  mqtt::LogLimit full_log{1, Duration::seconds(60)};
  bool running = false;
};

namespace {

/// One node: its socket, and a conversation on it.
class Link : public std::enable_shared_from_this<Link> {
 public:
  Link(std::shared_ptr<DispoBoxState> state, Tcp::socket socket);
  ~Link();

  void start() {
    read();
    on_timer();
  }

  void close() {
    ErrorCode ignored;
    timer_.cancel();
    socket_.close(ignored);
  }

 private:
  void read() {
    socket_.async_read_some(
        asio::buffer(received_), [self = shared_from_this()](ErrorCode error, std::size_t size) {
          if (error) return self->close();
          self->take(self->talk_.on_bytes(monotonic_now(), {self->received_.data(), size}));
          if (!self->socket_.is_open()) return;
          self->arm();
          self->read();
        });
  }

  void on_timer();
  void take(Conversation::Step step);

  void arm() {
    if (talk_.next_timer() == armed_for_ || talk_.next_timer() == kNever) return;
    armed_for_ = talk_.next_timer();
    timer_.expires_after(std::chrono::microseconds((armed_for_ - monotonic_now()).us));
    timer_.async_wait([weak = weak_from_this()](ErrorCode error) {
      const auto self = weak.lock();
      if (self && !error && self->socket_.is_open()) self->on_timer();
    });
  }

  std::shared_ptr<DispoBoxState> state_;
  Tcp::socket socket_;
  asio::steady_timer timer_;
  Conversation talk_;
  Instant armed_for_{INT64_MIN};
  std::array<char, Conversation::kMostBytes> received_{};
  std::string out_;
};

Link::Link(std::shared_ptr<DispoBoxState> state, Tcp::socket socket)
    : state_(std::move(state)),
      socket_(std::move(socket)),
      timer_(state_->io),
      talk_(monotonic_now(), state_->talk) {
  state_->links.insert(this);
}

Link::~Link() { state_->links.erase(this); }

void Link::on_timer() {
  take(talk_.on_timer(monotonic_now(), state_->closed_s()));
  if (socket_.is_open()) arm();
}

void Link::take(Conversation::Step step) {
  if (step.answer) state_->boxes.on_answer(monotonic_now(), *step.answer, step.boxes);
  if (step.over) return close();
  if (step.send.empty()) return;
  // A question is a few bytes: a node that takes not even these is not waited for.
  out_ = std::move(step.send);
  ErrorCode error;
  const std::size_t sent = socket_.write_some(asio::buffer(out_), error);
  if (error || sent < out_.size()) close();
}

}  // namespace

void DispoBoxState::accept() {
  acceptor.async_accept([self = shared_from_this()](ErrorCode error, Tcp::socket socket) {
    if (!self->running) return;
    if (error) {
      self->accept_pause.expires_after(kAcceptPause);
      self->accept_pause.async_wait([self](ErrorCode cancelled) {
        if (!cancelled && self->running) self->accept();
      });
      return;
    }
    self->accepted(std::move(socket));
    self->accept();
  });
}

void DispoBoxState::accepted(Tcp::socket socket) {
  ErrorCode ignored;
  if (links.size() >= options.max_connections) {
    ++counters.refused;
    if (full_log.pass(monotonic_now())) {
      spdlog::warn("DispoBox: {} nodes are connected, as many as there can be; others are refused",
                   links.size());
    }
    return;
  }
  ++counters.accepted;
  socket.set_option(Tcp::no_delay(true), ignored);
  socket.non_blocking(true, ignored);
  std::make_shared<Link>(shared_from_this(), std::move(socket))->start();
}

void DispoBoxState::tick() {
  boxes.tick(monotonic_now(), closed_s() == 0);
  timer.expires_after(kTick);
  timer.async_wait([self = shared_from_this()](ErrorCode error) {
    if (!error && self->running) self->tick();
  });
}

DispoBox::DispoBox(asio::io_context& io, Options options, Ports ports)
    : state_(std::make_shared<DispoBoxState>(io, std::move(options), std::move(ports))) {}

DispoBox::~DispoBox() { stop(); }

void DispoBox::restore(const store::Snapshot& snapshot) { state_->boxes.restore(snapshot); }

std::optional<std::string> DispoBox::start() {
  DispoBoxState& state = *state_;
  const std::string where = state.options.address + ":" + std::to_string(state.options.port);
  ErrorCode error;
  const auto address = asio::ip::make_address(state.options.address, error);
  if (error)
    return "\"" + state.options.address + "\" is no address; write --dispobox 0.0.0.0:50000.";
  const Tcp::endpoint endpoint(address, state.options.port);
  state.acceptor.open(endpoint.protocol(), error);
  if (!error) state.acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error) state.acceptor.bind(endpoint, error);
  if (!error) state.acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    ErrorCode ignored;
    state.acceptor.close(ignored);
    return "DispoBox can't listen on " + where + ": " + error.message() +
           ". Choose another address or port with --dispobox ADDRESS:PORT.";
  }
  state.running = true;
  state.accept();
  state.tick();
  return std::nullopt;
}

void DispoBox::stop() {
  DispoBoxState& state = *state_;
  if (!state.running) return;
  state.running = false;
  ErrorCode ignored;
  state.acceptor.close(ignored);
  state.timer.cancel();
  state.accept_pause.cancel();
  for (Link* link : std::vector<Link*>(state.links.begin(), state.links.end())) link->close();
  state.boxes.end();
  state.tables.reset();
}

std::uint16_t DispoBox::port() const {
  ErrorCode error;
  const auto endpoint = state_->acceptor.local_endpoint(error);
  return error ? std::uint16_t{0} : endpoint.port();
}

std::string DispoBox::answer(std::string_view action) const {
  if (action == "getAllBoxes") return boxes_json(state_->boxes.views());
  return boxes_error_json(kUnknownAction, "unknown action; ask for ?action=getAllBoxes");
}

void DispoBox::forget(station::DeviceId device) { state_->boxes.forget(device); }

std::optional<features::CommandRefusal> DispoBox::replace(features::Replacement wanted) {
  return state_->boxes.replace(std::move(wanted));
}

bool DispoBox::renamed(station::DeviceId device) { return state_->boxes.renamed(device); }

const Calendar& DispoBox::calendar() const { return state_->options.calendar; }

void DispoBox::set_calendar(Calendar calendar) { state_->options.calendar = std::move(calendar); }

DispoBox::Counters DispoBox::counters() const {
  Counters counters = state_->counters;
  counters.connections = state_->links.size();
  counters.talk = state_->talk;
  counters.not_stored = state_->boxes.not_stored();
  counters.displaced = state_->boxes.displaced();
  if (state_->tables) counters.tables = state_->tables->counters();
  return counters;
}

}  // namespace espial::dispobox
