#include "hub/main/sim_capture.hpp"

#include <CLI/CLI.hpp>

namespace espial::main {

SimCapture::FileSink::FileSink(const std::string& path)
    : file_(path, std::ios::binary | std::ios::trunc) {
  if (!file_) throw CLI::FileError("can't write " + path + "; name a file in a folder of yours");
}

void SimCapture::FileSink::write(ByteView bytes) {
  file_.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
}

SimCapture::SimCapture(const std::string& path) : sink_(path), capture_(sink_, sim::kSimEpoch) {}

}  // namespace espial::main
