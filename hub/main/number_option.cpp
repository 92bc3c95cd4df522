#include "hub/main/number_option.hpp"

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdint>
#include <string>

namespace espial::main {

CLI::Validator port_number() {
  return {[](std::string& text) {
            std::uint16_t port = 0;
            const bool is_port = CLI::detail::lexical_cast(text, port);
            return is_port ? std::string() : text + " is no port; write one from 0 to 65535";
          },
          ""};
}

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
