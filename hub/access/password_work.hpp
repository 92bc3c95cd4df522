#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "hub/access/password.hpp"

namespace boost::asio {
class io_context;
}

namespace espial::access {

/// Hashes and compares passwords without holding up who asks.
class PasswordWork {
 public:
  virtual ~PasswordWork() = default;
  /// Both answer once, on the thread that asked. False: too much waits already, and `done` will not
  /// be called.
  [[nodiscard]] virtual bool hash(std::string password, std::function<void(std::string)> done) = 0;
  [[nodiscard]] virtual bool verify(std::string hash, std::string password,
                                    std::function<void(bool)> done) = 0;
};

/// One thread, so that never more than one hash's memory is in use, and a short queue.
class PasswordWorker final : public PasswordWork {
 public:
  static constexpr std::size_t kWaitingMax = 8;

  /// Answers on the thread that runs `io`, which outlives the worker.
  PasswordWorker(boost::asio::io_context& io, const PasswordCost& cost);
  /// Waits for the hash under way; what still waits is never answered.
  ~PasswordWorker() override;
  PasswordWorker(const PasswordWorker&) = delete;
  PasswordWorker& operator=(const PasswordWorker&) = delete;

  bool hash(std::string password, std::function<void(std::string)> done) override;
  bool verify(std::string hash, std::string password, std::function<void(bool)> done) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace espial::access
