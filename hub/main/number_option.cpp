#include "hub/main/number_option.hpp"

#include <CLI/CLI.hpp>
#include <cmath>
#include <string>

namespace espial::main {

CLI::Validator number_within(double least, double most) {
  const CLI::Validator is_number(
      [](std::string& text) {
        double number = 0;
        const bool is_none = CLI::detail::lexical_cast(text, number) && std::isnan(number);
        return is_none ? text + " is no number" : std::string();
      },
      "");
  return CLI::Range(least, most) & is_number;
}

}  // namespace espial::main
