#pragma once

#include <filesystem>
#include <string>

#include "hub/mqtt/client.hpp"

namespace espial::main {

/// A client ID for whoever logs in with `password`: `name` with an ending made of the password. Who
/// does not know it can't take the client's place at the broker, nor end its session with the
/// messages that wait there.
std::string unguessable_client_id(const std::string& name, const std::string& password);

/// Makes an MQTT client log in, by a client ID that nobody can guess; with an empty `user` it stays
/// anonymous.
void log_in(mqtt::ClientOptions& client, const std::string& user, const std::string& password);

/// The first line of `file`, which only its owner may read; empty for an empty `user`.
/// @throws DataDirectoryError
std::string broker_password(const std::string& user, const std::filesystem::path& file);

}  // namespace espial::main
