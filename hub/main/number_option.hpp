#pragma once

namespace CLI {
class Validator;
}

/// Options that take a number with a fraction.
namespace espial::main {

/// Refuses what is no number from `least` to `most`. CLI11's own range takes "nan" too, which is
/// neither below nor above.
CLI::Validator number_within(double least, double most);

}  // namespace espial::main
