#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/port/radio.hpp"

namespace boost::asio {
class io_context;
}

namespace espial {

/// A Radio whose air is an `espial air` process, reached by UDP on loopback.
///
/// It attaches by itself, and again when the air was restarted; until then send() answers false.
/// A frame whose end the air does not report within a second counts as not acknowledged.
class AirRadio final : public Radio {
 public:
  struct Options {
    std::string air_address = "127.0.0.1";
    std::uint16_t air_port = 0;
    MacAddress address;
    /// A softAP's address, where the radio has two.
    MacAddress second_address;
    Channel channel{1};
    std::size_t max_body_size = kMaxBodyV1;
  };
  struct Handlers {
    /// A frame was heard.
    std::function<void(const ReceivedFrame&)> on_frame;
    /// The frame in flight ended. Called once for each send() that returned true.
    std::function<void(bool acknowledged)> on_sent;
    /// The air answers (true) or has fallen silent (false).
    std::function<void(bool attached)> on_attached;
  };

  AirRadio(boost::asio::io_context& io, Options options, Handlers handlers);
  ~AirRadio() override;

  /// Begins to attach. Throws std::system_error when no socket can be had.
  void start();
  /// Leaves the air. No handler is called afterwards.
  void stop();

  [[nodiscard]] bool send(const MacAddress& destination, ByteView body) override;
  void set_channel(Channel channel) override;
  Channel channel() const override;
  MacAddress address() const override;
  std::size_t max_body_size() const override;

 private:
  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace espial
