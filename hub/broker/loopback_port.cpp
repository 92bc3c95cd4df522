#include "hub/broker/loopback_port.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <list>
#include <set>
#include <sstream>

namespace espial::broker {
namespace {

namespace fs = std::filesystem;

class Socket {
 public:
  explicit Socket(int type = SOCK_STREAM) : fd_(::socket(AF_INET, type | SOCK_CLOEXEC, 0)) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

sockaddr_in at(in_addr_t where, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(where);
  return address;
}

sockaddr_in loopback(std::uint16_t port) { return at(INADDR_LOOPBACK, port); }

bool bind_to(const Socket& socket, const sockaddr_in& address) {
  return ::bind(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool listen_on(const Socket& socket, const sockaddr_in& address) {
  const int yes = 1;  // as servers do: connections that are just closing don't count
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  return bind_to(socket, address) && ::listen(socket.fd(), 1) == 0;
}

/// The kernel's numbers of the sockets that listen on `port`, from a table as /proc/net/tcp.
void collect_listeners(const char* table, std::uint16_t port, std::set<std::string>& inodes) {
  constexpr std::string_view kListening = "0A";
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);  // headings
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string slot, local, remote, state, skipped, inode;
    fields >> slot >> local >> remote >> state;
    for (int i = 0; i < 5; ++i) fields >> skipped;
    fields >> inode;
    const std::size_t colon = local.find(':');
    if (state != kListening || colon == std::string::npos) continue;
    if (std::stoul(local.substr(colon + 1), nullptr, 16) == port) {
      inodes.insert("socket:[" + inode + "]");
    }
  }
}

bool holds_one_of(const fs::path& process, const std::set<std::string>& sockets) {
  std::error_code error;
  for (fs::directory_iterator entry(process / "fd", error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;
    if (sockets.contains(fs::read_symlink(entry->path(), gone).string())) return true;
  }
  return false;
}

}  // namespace

bool port_is_free(std::uint16_t port) { return listen_on(Socket(), loopback(port)); }

bool udp_port_is_free(std::uint16_t port) { return bind_to(Socket(SOCK_DGRAM), loopback(port)); }

bool port_is_free_everywhere(std::uint16_t port) {
  return listen_on(Socket(), at(INADDR_ANY, port));
}

std::uint16_t find_free_port(std::span<const std::uint16_t> besides) {
  std::list<Socket> held;  // what is not wanted stays taken until another one is found
  for (;;) {
    const Socket& socket = held.emplace_back();
    sockaddr_in address{};
    socklen_t size = sizeof address;
    if (!listen_on(socket, loopback(0))) return 0;
    if (::getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
    const std::uint16_t found = ntohs(address.sin_port);
    if (std::find(besides.begin(), besides.end(), found) == besides.end()) return found;
  }
}

std::string port_owner(std::uint16_t port) {
  std::set<std::string> sockets;
  collect_listeners("/proc/net/tcp", port, sockets);
  collect_listeners("/proc/net/tcp6", port, sockets);
  if (sockets.empty()) return "";
  std::error_code error;
  for (fs::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string pid = entry->path().filename().string();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    if (!holds_one_of(entry->path(), sockets)) continue;
    std::ifstream file(entry->path() / "comm");
    std::string name;
    std::getline(file, name);
    return name + " (pid " + pid + ")";
  }
  return "";
}

bool port_answers(std::uint16_t port) {
  const Socket socket;
  const sockaddr_in address = loopback(port);
  return ::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace espial::broker
