#pragma once

#include <optional>
#include <string>

#include "core/base/ids.hpp"
#include "hub/http/client.hpp"
#include "hub/main/configuration_file.hpp"
#include "hub/store/store.hpp"

/// Two ways on which a configuration file comes to a hub; by either the same code of the hub's
/// takes it.
namespace espial::main {

/// Tells the hub that runs at `hub`, and prints what came of it. An error in words, or nothing.
std::optional<std::string> tell_hub(const http::HubAddress& hub, const ConfigurationFile& file);

/// Keeps it in the database of a hub that is stopped, which goes by it from its next start on, and
/// prints what came of it. `kept` is open, and nobody else's meanwhile. An error in words, or
/// nothing.
std::optional<std::string> keep_for_hub(store::Store& kept, ServerId server,
                                        const ConfigurationFile& file);

}  // namespace espial::main
