#pragma once

#include <CLI/CLI.hpp>

namespace espial::main {

/// Refuses options of `espial sim` that would do nothing beside the others that were given, so that
/// nobody takes a run for what it is not. To be called when `command` is parsed.
/// Throws CLI::ValidationError, which says what to write instead.
void refuse_idle_options(const CLI::App& command);

}  // namespace espial::main
