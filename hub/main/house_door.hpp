#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace espial::main {

class HouseBoard;

/// The door's name in a data directory, which only its owner may enter.
inline constexpr const char* kHouseDoor = "house.socket";

/// Where people reach into a simulated house: a local socket, so that a button can be pressed
/// while hub, broker and gateway are dead.
///
///     in   the button's name, and a line feed; an empty name: which are there?
///     out  "ok " or "no ", one sentence for people, and the end of the stream
class HouseDoor {
 public:
  /// `boards` must outlive it.
  HouseDoor(boost::asio::io_context& io, const std::vector<std::unique_ptr<HouseBoard>>& boards);
  ~HouseDoor();

  /// @returns what is in the way; empty when it is open.
  std::string open(const std::filesystem::path& socket);
  void close();

  /// Asks the door of a running house. @returns the whole answer; empty when nobody is there.
  static std::string ask(const std::filesystem::path& socket, const std::string& button);

 private:
  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace espial::main
