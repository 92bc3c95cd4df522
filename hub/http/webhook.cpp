#include "hub/http/webhook.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "hub/http/secure_client.hpp"

namespace espial::http {

std::optional<HookAddress> parse_hook_address(std::string_view text) {
  constexpr std::string_view kPlain = "http://";
  constexpr std::string_view kSecure = "https://";
  constexpr std::size_t kLongest = 512;
  const bool secure = text.substr(0, kSecure.size()) == kSecure;
  const std::string_view scheme = secure ? kSecure : kPlain;
  if (text.size() > kLongest || text.substr(0, scheme.size()) != scheme) return std::nullopt;
  text.remove_prefix(scheme.size());
  for (const char c : text) {
    if (c <= ' ' || c == '\x7f') return std::nullopt;
  }
  const std::size_t slash = text.find('/');
  const auto host = parse_hub_address(text.substr(0, slash));
  if (!host || host->host.empty()) return std::nullopt;
  HookAddress address;
  address.host = *host;
  address.secure = secure;
  // Without a port it is the web's, not a hub's.
  if (text.substr(0, slash).find(':') == std::string_view::npos) {
    address.host.port = secure ? 443 : 80;
  }
  if (slash != std::string_view::npos) address.target = text.substr(slash);
  return address;
}

class Webhook::Worker {
 public:
  explicit Worker(Options options) : options_(options), thread_([this] { run(); }) {}

  ~Worker() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void post(HookAddress address, std::string json) {
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() >= options_.max_waiting) {
        waiting_.pop_front();
        ++counters_.dropped;
      }
      waiting_.push_back({std::move(address), std::move(json)});
    }
    changed_.notify_all();
  }

  WebhookCounters counters() const {
    const std::lock_guard lock(mutex_);
    WebhookCounters counters = counters_;
    counters.waiting = waiting_.size() + (busy_ ? 1 : 0);
    return counters;
  }

 private:
  struct Post {
    HookAddress address;
    std::string json;
  };

  void run() {
    while (true) {
      Post next;
      {
        std::unique_lock lock(mutex_);
        busy_ = false;
        changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_) return;
        next = std::move(waiting_.front());
        waiting_.pop_front();
        busy_ = true;
      }
      deliver(next);
    }
  }

  SecureAnswer ask_once(const Post& next) const {
    const auto& [host, target, secure] = next.address;
    if (secure) return ask_securely(host, options_.ca_file, "POST", target, next.json);
    return {ask(host, "POST", target, next.json), false};
  }

  void deliver(const Post& next) {
    int delay_ms = options_.retry_delay_ms;
    for (int tries = 1;; ++tries) {
      const SecureAnswer tried = ask_once(next);
      const Answer& answer = tried.answer;
      std::unique_lock lock(mutex_);
      if (answer.status >= 200 && answer.status < 300) {
        ++counters_.delivered;
        return;
      }
      ++counters_.failed_tries;
      if (tried.certificate_refused) ++counters_.certificates_refused;
      if (stopping_) return;
      // Another try within seconds would find the same certificate.
      if (tries >= options_.max_tries || tried.certificate_refused) {
        ++counters_.given_up;
        spdlog::warn("a webhook at {}:{} is given up (tries: {}): {}", next.address.host.host,
                     next.address.host.port, tries,
                     answer.status == 0 ? answer.error : "HTTP " + std::to_string(answer.status));
        return;
      }
      changed_.wait_for(lock, std::chrono::milliseconds(delay_ms), [this] { return stopping_; });
      if (stopping_) return;
      delay_ms *= 2;
    }
  }

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Post> waiting_;
  WebhookCounters counters_;
  bool busy_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

Webhook::Webhook(Options options) : worker_(std::make_unique<Worker>(options)) {}

Webhook::~Webhook() = default;

void Webhook::post(HookAddress address, std::string json) {
  worker_->post(std::move(address), std::move(json));
}

WebhookCounters Webhook::counters() const { return worker_->counters(); }

}  // namespace espial::http
