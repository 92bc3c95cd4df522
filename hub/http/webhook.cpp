#include "hub/http/webhook.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "hub/http/hook_post.hpp"

namespace espial::http {

namespace asio = boost::asio;

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
  auto place = parse_host_port(text.substr(0, slash), secure ? 443 : 80);
  if (!place) return std::nullopt;
  HookAddress address;
  address.place = *std::move(place);
  address.secure = secure;
  if (slash != std::string_view::npos) address.target = text.substr(slash);
  return address;
}

class Webhook::Worker {
 public:
  explicit Worker(Options options)
      : options_(std::move(options)),
        work_(asio::make_work_guard(io_)),
        thread_([this] { io_.run(); }) {}

  ~Worker() {
    io_.stop();
    thread_.join();
  }

  void post(const HookAddress& address, std::string json) {
    const std::lock_guard lock(mutex_);
    const std::string key = key_of(address);
    auto hook = hooks_.find(key);
    if (hook == hooks_.end()) {
      if (hooks_.size() >= options_.max_addresses) {
        ++counters_.dropped;
        return;
      }
      hook = hooks_.try_emplace(key, io_, address).first;
      hook->second.waiting.push_back(std::move(json));
      // What it takes to begin (certificates, say) is not for the caller to wait for.
      asio::post(io_, [this, hook] {
        const std::lock_guard begun(mutex_);
        take_next(hook);
      });
      return;
    }
    auto& waiting = hook->second.waiting;
    if (waiting.size() >= options_.max_waiting) {
      waiting.pop_front();
      ++counters_.dropped;
    }
    waiting.push_back(std::move(json));
  }

  WebhookCounters counters() const {
    const std::lock_guard lock(mutex_);
    WebhookCounters counters = counters_;
    for (const auto& [key, hook] : hooks_) {
      counters.waiting += hook.waiting.size() + (hook.post.empty() ? 0 : 1);
    }
    return counters;
  }

 private:
  /// An address while there is something to post to it.
  struct Hook {
    Hook(asio::io_context& io, HookAddress to) : address(std::move(to)), pause(io) {}

    HookAddress address;
    std::deque<std::string> waiting;
    std::string post;  ///< the one that is tried; empty before the first
    int tries = 0;
    asio::steady_timer pause;
  };
  using Hooks = std::map<std::string, Hook>;

  static std::string key_of(const HookAddress& address) {
    return (address.secure ? "https://" : "http://") + address.place.text() + address.target;
  }

  // All below holds the mutex.

  void take_next(Hooks::iterator hook) {
    if (hook->second.waiting.empty()) {
      hooks_.erase(hook);
      return;
    }
    hook->second.post = std::move(hook->second.waiting.front());
    hook->second.waiting.pop_front();
    hook->second.tries = 0;
    stand_in_line(hook);
  }

  void stand_in_line(Hooks::iterator hook) {
    line_.push_back(hook);
    give_turns();
  }

  void give_turns() {
    while (!line_.empty() && under_way_ < options_.max_under_way) {
      const auto hook = line_.front();
      line_.pop_front();
      ++under_way_;
      ++hook->second.tries;
      const auto ended = [this, hook](const HookAnswer& answer) {
        const std::lock_guard lock(mutex_);
        --under_way_;
        judge(hook, answer);
        give_turns();
      };
      post_hook(io_, hook->second.address, options_.ca_file, hook->second.post,
                std::chrono::milliseconds(options_.patience_ms), ended);
    }
  }

  void judge(Hooks::iterator hook, const HookAnswer& answer) {
    if (answer.status >= 200 && answer.status < 300) {
      ++counters_.delivered;
      return take_next(hook);
    }
    ++counters_.failed_tries;
    if (answer.certificate_refused) ++counters_.certificates_refused;
    const int tries = hook->second.tries;
    // Another try within seconds would find the same certificate.
    if (tries >= options_.max_tries || answer.certificate_refused) {
      ++counters_.given_up;
      spdlog::warn("a webhook at {} is given up (tries: {}): {}", hook->second.address.place.text(),
                   tries,
                   answer.status == 0 ? answer.error : "HTTP " + std::to_string(answer.status));
      return take_next(hook);
    }
    const auto delay = std::chrono::milliseconds(options_.retry_delay_ms) * (1LL << (tries - 1));
    hook->second.pause.expires_after(delay);
    hook->second.pause.async_wait([this, hook](boost::system::error_code error) {
      if (error) return;
      const std::lock_guard lock(mutex_);
      stand_in_line(hook);
    });
  }

  const Options options_;
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  mutable std::mutex mutex_;
  Hooks hooks_;
  /// Who has something to post and waits for a turn.
  std::deque<Hooks::iterator> line_;
  std::size_t under_way_ = 0;
  WebhookCounters counters_;
  std::thread thread_;
};

Webhook::Webhook(Options options) : worker_(std::make_unique<Worker>(std::move(options))) {}

Webhook::~Webhook() = default;

void Webhook::post(const HookAddress& address, std::string json) {
  worker_->post(address, std::move(json));
}

WebhookCounters Webhook::counters() const { return worker_->counters(); }

}  // namespace espial::http
