#include "hub/main/own_names.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace espial::main {
namespace {

/// Every address of an interface that is up, loopback's last; without link-local IPv6, which needs
/// its interface's name to be of use.
std::vector<std::string> own_addresses() {
  std::vector<std::string> found;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return found;
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || (one->ifa_flags & IFF_UP) == 0) continue;
    const int family = one->ifa_addr->sa_family;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (family == AF_INET) {
      const auto* address = reinterpret_cast<const sockaddr_in*>(one->ifa_addr);
      ::inet_ntop(family, &address->sin_addr, text.data(), text.size());
    } else if (family == AF_INET6) {
      const auto* address = reinterpret_cast<const sockaddr_in6*>(one->ifa_addr);
      if (IN6_IS_ADDR_LINKLOCAL(&address->sin6_addr)) continue;
      ::inet_ntop(family, &address->sin6_addr, text.data(), text.size());
    } else {
      continue;
    }
    const bool loopback = (one->ifa_flags & IFF_LOOPBACK) != 0;
    found.insert(loopback ? found.end() : found.begin(), text.data());
  }
  ::freeifaddrs(list);
  return found;
}

}  // namespace

std::vector<std::string> names_of_this_machine() {
  std::vector<std::string> names{"localhost"};
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) == 0 && host[0] != '\0') {
    const std::string name = host.data();
    if (name != "localhost") names.push_back(name);
    if (name.find('.') == std::string::npos) names.push_back(name + ".local");
  }
  const auto addresses = own_addresses();
  names.insert(names.end(), addresses.begin(), addresses.end());
  return names;
}

std::string lan_address() {
  const auto addresses = own_addresses();
  const auto v4 = std::find_if(addresses.begin(), addresses.end(), [](const std::string& address) {
    return address.find(':') == std::string::npos;
  });
  return v4 == addresses.end() ? "127.0.0.1" : *v4;
}

}  // namespace espial::main
