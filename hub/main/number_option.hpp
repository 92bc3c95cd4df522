#pragma once

namespace CLI {
class Validator;
}

/// Options that take a number.
namespace espial::main {

/// Refuses what is no port, 0 included; without it CLI11 says no more than "Could not convert".
CLI::Validator port_number();

/// Refuses what is no number from `least` to `most`. CLI11's own range takes "nan" too, which is
/// neither below nor above.
CLI::Validator number_within(double least, double most);

}  // namespace espial::main
