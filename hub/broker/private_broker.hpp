#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.hpp"
#include "hub/broker/broker_users.hpp"

namespace boost::asio {
class io_context;
}

namespace espial::broker {

/// Who may use a broker that asks for names and passwords, and where else it listens.
struct BrokerAccess {
  std::vector<BrokerUser> users;
  bool lan = false;  ///< on every address, not on loopback alone
  /// A certificate and its key, as PEM files: the network is served on `tls_port` only, over TLS.
  std::filesystem::path certificate;
  std::filesystem::path key;
  std::uint16_t tls_port = 8883;
  /// A listener without passwords for S2's boards, on every address; nothing: none.
  std::optional<std::uint16_t> s2_port{};
  /// How a person picks other ports: named in the message when one is taken.
  std::string tls_port_option = "--mqtt-tls-port";
  std::string s2_port_option = "--s2-port";
};

struct BrokerOptions {
  std::filesystem::path directory;    ///< configuration, log, messages; made with mode 0700
  std::string program = "mosquitto";  ///< looked for in PATH and the system's folders
  std::uint16_t port = 1883;          ///< MQTT on 127.0.0.1; 0: any free one
  std::optional<std::uint16_t> websockets_port = 9001;  ///< 0: any free one; nothing: none
  /// Clients are told to use at most this keep-alive; Mosquitto 2.0.11 takes nothing under 10.
  std::optional<std::uint16_t> max_keepalive_s{};
  std::uint32_t max_packet_bytes = 1024 * 1024;
  /// What the broker keeps at most for each client that is away or slow.
  std::uint64_t max_queued_bytes = 256ULL * 1024 * 1024;
  /// Nothing: anonymous, on loopback.
  std::optional<BrokerAccess> access{};
  bool outlive_parent = false;  ///< runs on when we die, for our successor to take over
  Duration ready_within = Duration::seconds(10);
  /// Of its log this much stays, and as much of what was before; it is looked at this often.
  std::uint32_t log_bytes_max = 1024 * 1024;
  Duration log_looked_at_every = Duration::seconds(5);
  /// How a person picks other ports: named in the message when one is taken.
  std::string port_option = "--broker-port";
  std::string websockets_port_option = "--websockets-port";
};

/// Why there is no broker.
struct BrokerError {
  enum class Kind : std::uint8_t {
    kNotInstalled,
    kPortInUse,
    kDirectory,  ///< can't be made, written, or belongs to a running hub
    kOptions,    ///< Mosquitto would not accept them
    kNotReady,   ///< it ended or did not answer in time
  };
  Kind kind;
  std::string text;  ///< sentences for people: what is wrong and what to do
};

/// A Mosquitto of our own on loopback: it loses nothing it has acknowledged, bar what the last
/// second's worth of changes held when the broker itself is killed.
///
/// It takes over a broker that a former owner of the directory left running with the same
/// configuration, and starts one that died again after 0.1 to 5 s.
class PrivateBroker {
 public:
  PrivateBroker(boost::asio::io_context& io, BrokerOptions options);
  /// Stops the broker unless it may outlive us.
  ~PrivateBroker();
  PrivateBroker(const PrivateBroker&) = delete;
  PrivateBroker& operator=(const PrivateBroker&) = delete;

  /// Starts or takes over; returns when it answers, or why it doesn't. Blocks up to `ready_within`.
  /// To be called from a thread that lives as long as the process (see ChildProcess).
  [[nodiscard]] std::optional<BrokerError> start();

  /// Only with `access`: from now on these users and no others. Starts the broker again, so every
  /// connection ends; what is queued stays. Blocks up to `ready_within`, as a rule a quarter of a
  /// second; when it does not come up it is tried again and again.
  [[nodiscard]] std::optional<BrokerError> set_users(std::vector<BrokerUser> users);

  /// Likewise, with the certificate and key that the files of `access` hold now.
  [[nodiscard]] std::optional<BrokerError> renew_certificate();

  /// Ends the broker: SIGTERM, upon which it saves everything, and SIGKILL after 5 s.
  void stop();
  /// Leaves the broker running for a successor.
  void leave();

  std::uint16_t port() const;             ///< 0 before `start`
  std::uint16_t websockets_port() const;  ///< 0: none
  int pid() const;                        ///< 0 while it is down
  bool adopted() const;                   ///< it ran already
  std::uint64_t restarts() const;         ///< how often it had to be started again
  std::filesystem::path log_file() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace espial::broker
