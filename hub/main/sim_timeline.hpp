#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/network/simulation.hpp"

namespace espial::main {

/// What a run looked like over its time: for a picture. Its memory does not grow with the run.
class SimTimeline final : public sim::Observer {
 public:
  /// `simulation` must outlive it.
  explicit SimTimeline(const sim::Simulation& simulation);

  void on_stored(Instant at, const sim::StoredReport& report) override;
  /// To be called every step(): notes what the air has done since.
  void look();
  Duration step() const { return bin_span_; }

  /// An SVG with the delay over time, the share of the air over time, and a map of boards and
  /// gateways, each board coloured by its median delay.
  std::string svg() const;

 private:
  /// Delays of about as many milliseconds, and how many of them.
  using Delays = std::map<std::int64_t, std::uint64_t>;
  struct Bin {
    Delays delays;
    Duration airtime;
  };

  Bin& bin_at(Instant at);
  std::string delay_panel() const;
  std::string airtime_panel() const;
  std::string map_panel() const;

  const sim::Simulation& simulation_;
  Duration bin_span_;
  std::vector<Bin> bins_;
  std::vector<Delays> by_board_;
  Duration airtime_;
};

}  // namespace espial::main
