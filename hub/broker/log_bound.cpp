#include "hub/broker/log_bound.hpp"

#include <fstream>
#include <string>
#include <system_error>

namespace espial::broker {

namespace fs = std::filesystem;

void cut_log(const fs::path& log, std::uintmax_t bytes_max) {
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(log, error);
  if (error || bytes <= bytes_max) return;
  std::string end(bytes_max, '\0');
  std::ifstream in(log, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(bytes - bytes_max));
  in.read(end.data(), static_cast<std::streamsize>(end.size()));
  const fs::path former = log.string() + ".old";
  std::ofstream out(former, std::ios::binary | std::ios::trunc);
  fs::permissions(former, fs::perms::owner_read | fs::perms::owner_write, error);
  out.write(end.data(), in.gcount());
  fs::resize_file(log, 0, error);
}

}  // namespace espial::broker
