#pragma once

#include <filesystem>
#include <string>

#include "hub/mqtt/client.hpp"

namespace espial::main {

/// Makes an MQTT client log in; with an empty `user` it stays anonymous. Its client ID gets an
/// ending made of the password: who does not know it can't take the client's place at the broker,
/// nor the messages that wait there.
void log_in(mqtt::ClientOptions& client, const std::string& user, const std::string& password);

/// The first line of `file`, which only its owner may read; empty for an empty `user`.
/// @throws DataDirectoryError
std::string broker_password(const std::string& user, const std::filesystem::path& file);

}  // namespace espial::main
