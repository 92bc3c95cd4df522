#include "ports/linux/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace espial {
namespace {

bool write_all(int descriptor, ByteView bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count = ::write(descriptor, bytes.data() + written, bytes.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    written += static_cast<std::size_t>(count);
  }
  return true;
}

/// A rename is durable once the directory is.
bool sync_directory(const std::filesystem::path& directory) {
  // A file that is named alone lies in the working directory.
  const std::filesystem::path named = directory.empty() ? "." : directory;
  const int descriptor = ::open(named.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool synced = ::fsync(descriptor) == 0;
  ::close(descriptor);
  return synced;
}

}  // namespace

std::optional<std::string> write_private_file(const std::filesystem::path& file, ByteView bytes) {
  const std::string beside = file.string() + ".new";
  const int descriptor = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor >= 0) {
    const bool written = write_all(descriptor, bytes) && ::fsync(descriptor) == 0;
    ::close(descriptor);
    if (written && ::rename(beside.c_str(), file.c_str()) == 0 &&
        sync_directory(file.parent_path())) {
      return std::nullopt;
    }
  }
  return "cannot write " + file.string() + ": " + std::strerror(errno);
}

std::optional<std::string> readable_by_others(std::string_view secret,
                                              const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0 || (status.st_mode & 077) == 0) return std::nullopt;
  return "the " + std::string(secret) + " " + file.string() +
         " can be read by others; run: chmod 600 " + file.string();
}

}  // namespace espial
