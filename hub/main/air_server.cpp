#include "hub/main/air_server.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <optional>

#include "core/base/hash.hpp"
#include "ports/linux/air_datagram.hpp"
#include "ports/linux/clock.hpp"

namespace espial::main {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;

constexpr auto kSweepInterval = std::chrono::seconds(1);
constexpr auto kSilence = Duration::seconds(5);

/// Somewhere in a house of twenty metres square: the same for an address in every run.
sim::Position place_of(const MacAddress& mac) {
  constexpr std::uint64_t kSide_cm = 2000;
  const std::uint64_t drawn = fnv1a(mac.octets);
  return {static_cast<std::int32_t>(drawn % kSide_cm),
          static_cast<std::int32_t>((drawn >> 32) % kSide_cm)};
}

}  // namespace

class AirServer::Implementation : public sim::AirSink,
                                  public std::enable_shared_from_this<Implementation> {
 public:
  Implementation(asio::io_context& io, std::uint16_t port, const sim::AirSettings& settings)
      : air_(settings),
        socket_(io, udp::endpoint(asio::ip::address_v4::loopback(), port)),
        event_timer_(io),
        sweep_timer_(io) {}

  void start() {
    receive();
    sweep();
  }

  void stop() {
    if (stopped_) return;
    stopped_ = true;
    boost::system::error_code ignored;
    socket_.close(ignored);
    event_timer_.cancel();
    sweep_timer_.cancel();
  }

  std::uint16_t port() const { return socket_.local_endpoint().port(); }
  std::size_t radio_count() const { return clients_.size(); }
  const Counters& counters() const { return counters_; }
  const sim::Air::Counters& air_counters() const { return air_.counters(); }

  void on_delivery(Instant, sim::RadioId receiver, const ReceivedFrame& frame) override {
    const auto found = endpoints_.find(receiver);
    if (found == endpoints_.end()) return;
    reply(found->second,
          air_datagram::Received{frame.source, frame.destination.value_or(kBroadcast),
                                 frame.rssi_dbm.value_or(0), frame.channel, frame.body});
  }

  void on_sent(Instant, sim::RadioId sender, bool acknowledged) override {
    const auto found = endpoints_.find(sender);
    if (found == endpoints_.end()) return;
    reply(found->second,
          air_datagram::Sent{clients_.at(found->second).frame_in_flight, acknowledged});
  }

 private:
  struct Client {
    sim::RadioId radio;
    MacAddress address;
    Instant last_heard;
    std::uint16_t frame_in_flight = 0;
  };

  void receive() {
    socket_.async_receive_from(
        asio::buffer(buffer_), sender_,
        [self = shared_from_this()](boost::system::error_code error, std::size_t size) {
          if (self->stopped_) return;
          // What is due comes first: the datagram was sent after it.
          self->air_.advance(monotonic_now(), *self);
          if (!error) self->on_datagram({self->buffer_.data(), size});
          self->run_air();
          self->receive();
        });
  }

  void on_datagram(ByteView datagram) {
    const auto message = air_datagram::parse(datagram);
    if (!message) {
      ++counters_.malformed;
      return;
    }
    if (const auto* attach = std::get_if<air_datagram::Attach>(&*message)) {
      on_attach(*attach);
      return;
    }
    const auto client = clients_.find(sender_);
    if (client == clients_.end()) {
      ++counters_.strangers;
      return;
    }
    client->second.last_heard = monotonic_now();
    if (const auto* send = std::get_if<air_datagram::Send>(&*message)) {
      on_send(client->second, *send);
    } else if (const auto* tune = std::get_if<air_datagram::SetChannel>(&*message)) {
      air_.tune(monotonic_now(), client->second.radio, tune->channel);
    } else if (std::holds_alternative<air_datagram::Detach>(*message)) {
      remove(client);
    }
  }

  /// Also the sign of life of a radio that is attached already.
  void on_attach(const air_datagram::Attach& attach) {
    auto client = clients_.find(sender_);
    if (client != clients_.end() && client->second.address != attach.address) {
      remove(client);
      client = clients_.end();
    }
    if (client == clients_.end()) {
      sim::RadioSettings settings;
      settings.address = attach.address;
      if (attach.second_address != attach.address) settings.second_address = attach.second_address;
      settings.channel = attach.channel;
      settings.max_body_size = attach.max_body_size;
      settings.position = place_of(attach.address);
      const auto radio = air_.add_radio(monotonic_now(), settings);
      if (!radio) {
        ++counters_.refused;
        return;
      }
      client = clients_.emplace(sender_, Client{*radio, attach.address, monotonic_now()}).first;
      endpoints_.emplace(*radio, sender_);
    }
    client->second.last_heard = monotonic_now();
    air_.tune(monotonic_now(), client->second.radio, attach.channel);
    reply(sender_, air_datagram::Attached{});
  }

  void on_send(Client& client, const air_datagram::Send& send) {
    const auto result = air_.transmit(monotonic_now(), client.radio, send.destination, send.body);
    if (result == sim::Air::SendResult::kOk) {
      client.frame_in_flight = send.id;
    } else {
      reply(sender_, air_datagram::Sent{send.id, false});
    }
  }

  using Clients = std::map<udp::endpoint, Client>;

  Clients::iterator remove(Clients::iterator client) {
    air_.remove_radio(monotonic_now(), client->second.radio);
    endpoints_.erase(client->second.radio);
    return clients_.erase(client);
  }

  void reply(const udp::endpoint& to, const air_datagram::Message& message) {
    const auto bytes = air_datagram::encode(message);
    boost::system::error_code lost;
    socket_.send_to(asio::buffer(bytes), to, 0, lost);
  }

  void run_air() {
    if (stopped_) return;
    air_.advance(monotonic_now(), *this);
    const Instant next = air_.next_event();
    if (next == kNever) return;
    event_timer_.expires_after(
        std::chrono::microseconds(std::max<std::int64_t>(0, (next - monotonic_now()).us)));
    event_timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (!error) self->run_air();
    });
  }

  void sweep() {
    if (stopped_) return;
    for (auto client = clients_.begin(); client != clients_.end();) {
      if (monotonic_now() - client->second.last_heard <= kSilence) {
        ++client;
        continue;
      }
      ++counters_.timed_out;
      client = remove(client);
    }
    sweep_timer_.expires_after(kSweepInterval);
    sweep_timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (!error) self->sweep();
    });
  }

  sim::Air air_;
  udp::socket socket_;
  asio::steady_timer event_timer_;
  asio::steady_timer sweep_timer_;
  std::array<std::uint8_t, air_datagram::kMaxSize + 1> buffer_{};
  udp::endpoint sender_;
  Clients clients_;
  std::map<sim::RadioId, udp::endpoint> endpoints_;
  Counters counters_;
  bool stopped_ = false;
};

AirServer::AirServer(asio::io_context& io, std::uint16_t port, const sim::AirSettings& settings)
    : implementation_(std::make_shared<Implementation>(io, port, settings)) {
  implementation_->start();
}

AirServer::~AirServer() { implementation_->stop(); }

std::uint16_t AirServer::port() const { return implementation_->port(); }
std::size_t AirServer::radio_count() const { return implementation_->radio_count(); }
const AirServer::Counters& AirServer::counters() const { return implementation_->counters(); }
const sim::Air::Counters& AirServer::air_counters() const {
  return implementation_->air_counters();
}
void AirServer::stop() { implementation_->stop(); }

}  // namespace espial::main
