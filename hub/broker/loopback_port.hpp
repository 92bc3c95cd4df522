#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace espial::broker {

/// True when 127.0.0.1:`port` can be listened on now.
bool port_is_free(std::uint16_t port);

/// The same of a UDP port.
bool udp_port_is_free(std::uint16_t port);

/// True when `port` can be listened on now at every address of this machine.
bool port_is_free_everywhere(std::uint16_t port);

/// A port of 127.0.0.1 that nobody listens on, and none of `besides`: a port that was found a
/// moment ago is as free as any until somebody listens on it. Somebody else may take it before you
/// do. 0 when the system has none to give.
std::uint16_t find_free_port(std::span<const std::uint16_t> besides = {});

/// Who listens on this TCP port, such as `mosquitto (pid 812)`; empty when nobody does or when it
/// can't be known, as for other people's processes unless we are root.
std::string port_owner(std::uint16_t port);

/// True when something on 127.0.0.1 takes connections on this port.
bool port_answers(std::uint16_t port);

}  // namespace espial::broker
