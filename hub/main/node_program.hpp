#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/node/node.hpp"
#include "core/node/rooms.hpp"
#include "core/wire/value.hpp"

namespace boost::asio {
class io_context;
}

namespace espial::main {

/// What a simulated board needs to know.
struct NodeOptions {
  std::string air_address = "127.0.0.1";
  std::uint16_t air_port = 0;
  MacAddress address;
  ServerId server{1};
  ModuleId wanted_module;
  node::JoinKey join_key;
  std::string name;
  std::string chip = "ESP32";
  wire::FunctionList functions;
  /// Where it keeps what survives a power cut; empty: it forgets.
  std::filesystem::path settings_file;
  std::size_t max_body_size = kMaxBodyV2;
  /// Its radio is off between what it has to say; a few tens of milliseconds behind that are for
  /// what waits for it.
  bool sleeper = false;
  /// A slot of this board works one of `provider`'s, of that kind.
  struct Wish {
    std::uint8_t slot = 0;
    std::uint8_t kind = 0;
    MacAddress provider;
  };
  std::optional<Wish> works;
};

/// A board in a process: the node role of core/node on the simulated air.
class NodeProgram {
 public:
  struct Handlers {
    /// Runs a command; see node::Application.
    std::function<wire::Outcome(const wire::Reading& command)> execute;
    std::function<void(node::NodeState state)> on_state;
    std::function<void(const node::Assignment& assignment)> on_assigned;
  };

  NodeProgram(boost::asio::io_context& io, const NodeOptions& options, Handlers handlers);
  ~NodeProgram();

  void start();
  /// Says goodbye and leaves the air; `stopped` is called when that is done.
  void stop(std::function<void()> stopped);

  /// Reports one value of one function: fields in the order of its kind. False when the kind is not
  /// a standard one, a value is out of its range or the ring is full of what may not give way.
  bool report(std::uint8_t slot, std::uint8_t kind, const wire::FieldValues& values);

  /// Tells the board that this one works to become `value`. `ended` is called once: with how it
  /// ended, or with nothing when the two were unbound meanwhile. False where it is bound to none
  /// yet, too many presses wait, or the kind takes no such value.
  bool press(double value, std::function<void(std::optional<node::PressEnd>)> ended);

  node::NodeState state() const;
  /// How often the coordinator wants reports; zero where it does not say.
  Duration report_interval() const;
  /// What the week that the coordinator gave says now.
  struct Scheduled {
    std::uint8_t slot = 0;
    wire::SwitchingPoint point;
    friend bool operator==(const Scheduled& a, const Scheduled& b) {
      return a.slot == b.slot && a.point == b.point;
    }
  };
  /// Nothing without a week or the time of day.
  std::optional<Scheduled> scheduled() const;
  const node::Counters& counters() const;
  std::string name() const;

 private:
  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace espial::main
