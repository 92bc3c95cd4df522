#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace espial::main {

/// /metrics, taken apart: figure by name with labels, as `name{a="b"}`.
using Figures = std::map<std::string, double, std::less<>>;
Figures read_figures(std::string_view metrics);

/// What is wrong, and the repair in one sentence.
struct Finding {
  bool urgent = true;  ///< otherwise something to look after
  std::string what;
  std::string repair;
};

/// Whether the figures count what is a fault only while it goes on, refusals for one: `diagnose`
/// then wants these as its `earlier` ones, and those of some seconds later.
bool needs_second_look(const Figures& figures);

/// What can be known from the hub's side: `/api/devices`, `/metrics` and the two clocks. The most
/// urgent first; nothing when all is well. Where refusals are judged by what was counted since
/// `earlier`, an empty one stands for the hub's start.
std::vector<Finding> diagnose(const nlohmann::json& snapshot, const Figures& figures,
                              const Figures& earlier, std::int64_t now_ms);

}  // namespace espial::main
