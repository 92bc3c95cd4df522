#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <utility>

#include "hub/access/password_work.hpp"

namespace espial::access {

namespace asio = boost::asio;

class PasswordWorker::Impl {
 public:
  Impl(asio::io_context& io, const PasswordCost& cost) : io_(io), cost_(cost) {}
  ~Impl() {
    shared_->stopped = true;
    pool_.stop();
    pool_.join();
  }

  /// `work` runs on the worker's thread, `done` with its result on the loop's.
  template <typename Work, typename Done>
  bool post(Work work, Done done) {
    if (shared_->waiting >= kWaitingMax) return false;
    ++shared_->waiting;
    // The loop has to stay awake for an answer that is not there yet.
    asio::post(pool_, [&io = io_, awake = asio::make_work_guard(io_), shared = shared_,
                       work = std::move(work), done = std::move(done)]() mutable {
      asio::post(io, [shared, result = work(), done = std::move(done)]() mutable {
        --shared->waiting;
        if (!shared->stopped) done(std::move(result));
      });
    });
    return true;
  }

  const PasswordCost& cost() const { return cost_; }

 private:
  /// What an answer looks at when the worker may be gone; the loop's thread alone does.
  struct Shared {
    std::size_t waiting = 0;
    bool stopped = false;
  };

  asio::io_context& io_;
  const PasswordCost cost_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  asio::thread_pool pool_{1};
};

PasswordWorker::PasswordWorker(asio::io_context& io, const PasswordCost& cost)
    : impl_(std::make_unique<Impl>(io, cost)) {}

PasswordWorker::~PasswordWorker() = default;

bool PasswordWorker::hash(std::string password, std::function<void(std::string)> done) {
  return impl_->post([password = std::move(password),
                      cost = impl_->cost()] { return hash_password(password, cost); },
                     std::move(done));
}

bool PasswordWorker::verify(std::string hash, std::string password,
                            std::function<void(bool)> done) {
  return impl_->post([hash = std::move(hash),
                      password = std::move(password)] { return verify_password(hash, password); },
                     std::move(done));
}

}  // namespace espial::access
