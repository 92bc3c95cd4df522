#pragma once

#include <fstream>
#include <string>

#include "sim/network/simulation.hpp"
#include "sim/pcapng.hpp"

namespace espial::main {

/// Writes down what is on the air of a simulation, for Wireshark.
class SimCapture {
 public:
  /// Throws CLI::FileError when the file can't be written.
  explicit SimCapture(const std::string& path);
  /// From now on; the capture must outlive the simulation's run.
  void watch(sim::Simulation& simulation) { simulation.add_tap(capture_); }

 private:
  class FileSink final : public sim::ByteSink {
   public:
    explicit FileSink(const std::string& path);
    void write(ByteView bytes) override;

   private:
    std::ofstream file_;
  };

  FileSink sink_;
  sim::AirCapture capture_;
};

}  // namespace espial::main
