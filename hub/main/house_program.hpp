#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub/main/node_program.hpp"
#include "sim/house.hpp"

namespace boost::asio {
class io_context;
}

namespace espial::main {

/// A board of the simulated house: the node role, and behind it a module that measures and acts.
class HouseBoard {
 public:
  /// `options.functions`, `name` and `chip` come from the plan; `on_state` may be empty.
  HouseBoard(boost::asio::io_context& io, NodeOptions options, const sim::ModulePlan& plan,
             std::uint64_t seed, std::function<void(node::NodeState)> on_state);
  ~HouseBoard();

  void start();
  void stop(std::function<void()> stopped);
  /// Reports a value from outside instead of its own; false when it is not possible.
  bool report(std::uint8_t slot, const wire::FieldValues& values);
  /// Somebody presses its button: the lamp that it works goes on, and off the next time. `ended` as
  /// in NodeProgram. False where it has no button that works anything, or does not know it yet.
  bool press(std::function<void(std::optional<node::PressEnd>)> ended);
  const sim::ModulePlan& plan() const;
  /// The kind in `slot`; nullptr when there is none.
  const wire::KindInfo* kind_of(std::uint8_t slot) const;
  const NodeProgram& node() const;
  /// Told of each command and how it ended.
  void on_command(std::function<void(const wire::Reading&, wire::Outcome)> listener);

 private:
  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace espial::main
