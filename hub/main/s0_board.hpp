#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"

namespace boost::asio {
class io_context;
}

namespace espial::main {

/// What a simulated board of S0's needs to know: no more than its firmware does.
struct S0BoardOptions {
  std::string air_address = "127.0.0.1";
  std::uint16_t air_port = 0;
  MacAddress address;
  ServerId server{1};
  ModuleId module{1};
};

/// A board with S0's firmware (sim/s0_module.hpp) on the simulated air, in a process.
class S0Board {
 public:
  /// `on_paired` is told when it finds its server, and when it begins to look for it again.
  S0Board(boost::asio::io_context& io, const S0BoardOptions& options,
          std::function<void(bool paired)> on_paired);
  ~S0Board();

  void start();
  /// Its power goes; S0 knows no goodbye.
  void stop();

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace espial::main
