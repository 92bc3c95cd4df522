#include "hub/main/waiting_room.hpp"

#include <utility>

#include "hub/store/store.hpp"
#include "ports/linux/clock.hpp"
#include "station/dashboard_json.hpp"

namespace espial::main {

/// A dashboard that shows nothing but why. The API is closed, so nobody asks for the rest.
class WaitingRoom::Sign final : public http::Dashboard {
 public:
  std::optional<http::Refusal> closed() override { return refusal(); }
  std::optional<std::string> trouble() override { return refusal().reason; }

  http::Snapshot snapshot() override { return {"[]", system_state()}; }
  std::string system_state() override {
    const http::Refusal why = refusal();
    station::SystemView view;
    view.store_ok = false;
    view.store_reason = why.reason;
    view.store_code = station::code_of(why.problem);
    return station::system_json(view);
  }
  std::string keys_state() override { return "{}"; }

  void history(const http::HistoryQuery&, std::function<void(http::HistoryResult)> done) override {
    done(refusal());
  }
  void command(const http::CommandRequest&,
               std::function<void(http::CommandResult)> done) override {
    done(refusal());
  }
  void rename(const MacAddress&, std::string_view,
              std::function<void(http::RenameResult)> done) override {
    done(refusal());
  }
  void forget(const MacAddress&, bool, std::function<void(http::ForgetResult)> done) override {
    done(refusal());
  }
  void keys(const http::KeysRequest&, std::function<void(http::KeysResult)> done) override {
    done(refusal());
  }
  void restart(const MacAddress&, std::function<void(http::RestartResult)> done) override {
    done(refusal());
  }
  void after_stored(std::function<void(bool)> done) override { done(false); }
  void audit(std::size_t, std::function<void(http::AuditResult)> done) override { done(refusal()); }
  void collect(std::vector<http::Metric>&) override {}

 private:
  static http::Refusal refusal() {
    return {http::Refusal::Kind::kUnavailable, station::Problem::kStoreAway,
            std::string(store::to_text(store::StoreError::away))};
  }
};

/// Takes no passwords: the accounts are in the database.
class WaitingRoom::Nobody final : public access::PasswordWork {
 public:
  bool hash(std::string, std::function<void(std::string)>) override { return false; }
  bool verify(std::string, std::string, std::function<void(bool)>) override { return false; }
};

WaitingRoom::WaitingRoom(boost::asio::io_context& io, Random& random, bool login_required,
                         http::Options options)
    : sign_(std::make_unique<Sign>()), nobody_(std::make_unique<Nobody>()) {
  access::AccessControl::Options access;
  access.login_required = login_required;
  access_ = std::make_unique<access::AccessControl>(
      access::AccessControl::Ports{*nobody_, random, unix_now,
                                   [](const auto&, const auto&) { return false; }},
      access);
  server_ = std::make_unique<http::Server>(io, *sign_, *access_, std::move(options));
}

WaitingRoom::~WaitingRoom() = default;

std::optional<std::string> WaitingRoom::open() { return server_->start(); }
void WaitingRoom::close() { server_->stop(); }
std::uint16_t WaitingRoom::port() const { return server_->port(); }

}  // namespace espial::main
