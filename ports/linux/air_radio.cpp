#include "ports/linux/air_radio.hpp"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "ports/linux/air_datagram.hpp"

namespace espial {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;

constexpr auto kAttachInterval = std::chrono::seconds(1);
constexpr int kSilentIntervalsUntilDetached = 3;

}  // namespace

/// Kept alive by its pending operations, which all check `stopped_` first.
class AirRadio::Implementation : public std::enable_shared_from_this<Implementation> {
 public:
  Implementation(asio::io_context& io, Options options, Handlers handlers)
      : options_(std::move(options)),
        handlers_(std::move(handlers)),
        channel_(options_.channel),
        socket_(io),
        attach_timer_(io),
        send_timer_(io) {}

  void start() {
    const udp::endpoint air(asio::ip::make_address(options_.air_address), options_.air_port);
    socket_.open(air.protocol());
    socket_.connect(air);
    receive();
    attach();
  }

  void stop() {
    if (stopped_) return;
    stopped_ = true;
    transmit(air_datagram::Detach{});
    boost::system::error_code ignored;
    socket_.close(ignored);
    attach_timer_.cancel();
    send_timer_.cancel();
  }

  bool send(const MacAddress& destination, ByteView body) {
    if (!attached_ || in_flight_ || body.size() > options_.max_body_size) return false;
    in_flight_ = ++last_id_;
    if (!transmit(air_datagram::Send{*in_flight_, destination, body})) {
      in_flight_.reset();
      return false;
    }
    send_timer_.expires_after(kAttachInterval);
    send_timer_.async_wait([self = shared_from_this(), id = *in_flight_](auto error) {
      if (!error) self->finish(id, false);
    });
    return true;
  }

  void set_channel(Channel channel) {
    if (!channel.valid() || channel == channel_) return;
    channel_ = channel;
    if (attached_) transmit(air_datagram::SetChannel{channel});
  }

  Channel channel() const { return channel_; }
  const Options& options() const { return options_; }

 private:
  bool transmit(const air_datagram::Message& message) {
    const auto bytes = air_datagram::encode(message);
    boost::system::error_code error;
    socket_.send(asio::buffer(bytes), 0, error);
    return !error;
  }

  void attach() {
    if (stopped_) return;
    if (silent_intervals_++ >= kSilentIntervalsUntilDetached) set_attached(false);
    transmit(air_datagram::Attach{options_.address, options_.second_address, channel_,
                                  static_cast<std::uint16_t>(options_.max_body_size)});
    attach_timer_.expires_after(kAttachInterval);
    attach_timer_.async_wait([self = shared_from_this()](auto error) {
      if (!error) self->attach();
    });
  }

  void receive() {
    socket_.async_receive(asio::buffer(buffer_),
                          [self = shared_from_this()](auto error, std::size_t size) {
                            if (self->stopped_) return;
                            // "Connection refused" is how UDP says that no air runs yet.
                            if (!error) self->on_datagram({self->buffer_.data(), size});
                            self->receive();
                          });
  }

  void on_datagram(ByteView datagram) {
    const auto message = air_datagram::parse(datagram);
    if (!message) return;
    silent_intervals_ = 0;
    if (std::holds_alternative<air_datagram::Attached>(*message)) {
      set_attached(true);
    } else if (const auto* sent = std::get_if<air_datagram::Sent>(&*message)) {
      finish(sent->id, sent->acknowledged);
    } else if (const auto* heard = std::get_if<air_datagram::Received>(&*message)) {
      ReceivedFrame frame;
      frame.source = heard->source;
      frame.destination = heard->destination;
      frame.rssi_dbm = heard->rssi_dbm;
      frame.channel = heard->channel;
      frame.body = heard->body;
      handlers_.on_frame(frame);
    }
  }

  void finish(std::uint16_t id, bool acknowledged) {
    if (stopped_ || in_flight_ != id) return;
    in_flight_.reset();
    send_timer_.cancel();
    handlers_.on_sent(acknowledged);
  }

  void set_attached(bool attached) {
    if (attached_ == attached) return;
    attached_ = attached;
    if (handlers_.on_attached) handlers_.on_attached(attached);
  }

  const Options options_;
  const Handlers handlers_;
  Channel channel_;
  udp::socket socket_;
  asio::steady_timer attach_timer_;
  asio::steady_timer send_timer_;
  std::array<std::uint8_t, air_datagram::kMaxSize + 1> buffer_{};
  std::optional<std::uint16_t> in_flight_;
  std::uint16_t last_id_ = 0;
  int silent_intervals_ = 0;
  bool attached_ = false;
  bool stopped_ = false;
};

AirRadio::AirRadio(asio::io_context& io, Options options, Handlers handlers)
    : implementation_(
          std::make_shared<Implementation>(io, std::move(options), std::move(handlers))) {}

AirRadio::~AirRadio() { implementation_->stop(); }

void AirRadio::start() { implementation_->start(); }
void AirRadio::stop() { implementation_->stop(); }
bool AirRadio::send(const MacAddress& destination, ByteView body) {
  return implementation_->send(destination, body);
}
void AirRadio::set_channel(Channel channel) { implementation_->set_channel(channel); }
Channel AirRadio::channel() const { return implementation_->channel(); }
MacAddress AirRadio::address() const { return implementation_->options().address; }
std::size_t AirRadio::max_body_size() const { return implementation_->options().max_body_size; }

}  // namespace espial
