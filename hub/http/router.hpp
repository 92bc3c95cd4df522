#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "hub/access/access_control.hpp"
#include "hub/http/access_routes.hpp"
#include "hub/http/counters.hpp"
#include "hub/http/dashboard.hpp"
#include "hub/http/handler.hpp"
#include "hub/http/message.hpp"
#include "hub/http/shared_snapshot.hpp"
#include "hub/http/target.hpp"

namespace espial::http {

/// Decides what answers a request. No sockets: tests and the fuzzer drive it directly.
class Router {
 public:
  using Reply = http::Reply;

  Router(Dashboard& dashboard, access::AccessControl& access, Counters& counters,
         SharedSnapshot& snapshots, std::string authority_pem = {})
      : dashboard_(dashboard),
        access_(access),
        access_routes_(access),
        counters_(counters),
        snapshots_(snapshots),
        authority_pem_(std::move(authority_pem)) {}

  void set_broker_users(BrokerUsers* users) { access_routes_.set_broker_users(users); }
  void set_page(std::string page) { access_routes_.set_page(std::move(page)); }

  /// Lets `handler` answer whatever lies below these parts of a path: {"api", "groups"}. Below
  /// "api" it is asked only what the visitor may; elsewhere the audience may read, and nobody more.
  void serve(std::vector<std::string> parts, Handler handler,
             Audience audience = Audience::kViewers) {
    handlers_.push_back({std::move(parts), std::move(handler), audience});
  }

  /// Whether a request that came without TLS may be answered where there is TLS: it reads what is
  /// public, and who asks for that may be a program that knows no TLS, or no authority of ours.
  bool answers_in_clear(const Request& request) const;

  /// Answers every request, whatever its bytes, by exactly one call of `reply`, now or later. Each
  /// answer bears the security headers.
  void handle(const Request& request, const Reply& reply);

  /// The answer to a change that nobody has answered yet: what is in the way of it, if the store is
  /// in trouble; in any case when there is no more patience. `reply` of `handle` may still be
  /// called.
  std::optional<Response> overdue(bool patience_is_over);

 private:
  using Visitor = access::Visitor;

  struct Place {
    std::vector<std::string> parts;
    Handler handler;
    Audience audience;
  };

  void route(const Request& request, const Reply& reply);
  void route_api(const Request& request, const Target& target, const Reply& reply);
  void route_dashboard(const Request& request, const Target& target, const Visitor& visitor,
                       const Reply& reply);
  void route_device(const Request& request, const Target& target, const Visitor& visitor,
                    const Reply& reply);
  void route_keys(const Request& request, const Target& target, const Visitor& visitor,
                  const Reply& reply);
  const Place* find_place(const Target& target) const;
  Reply once_stored(const Request& request, const Reply& reply);
  Reply audited(const Request& request, const Visitor& visitor, const Reply& reply);
  void history(const MacAddress& mac, const Target& target, const Reply& reply);
  void command(const MacAddress& mac, const Request& request, const Visitor& visitor,
               const Reply& reply);
  void rename(const MacAddress& mac, const Request& request, const Visitor& visitor,
              const Reply& reply);
  void forget(const MacAddress& mac, const Target& target, const Visitor& visitor,
              const Reply& reply);
  void restart(const MacAddress& mac, const Visitor& visitor, const Reply& reply);
  void audit(const Target& target, const Reply& reply);
  Response authority() const;
  Response health();
  Response metrics();

  Dashboard& dashboard_;
  access::AccessControl& access_;
  AccessRoutes access_routes_;
  Counters& counters_;
  SharedSnapshot& snapshots_;
  std::vector<Place> handlers_;
  const std::string authority_pem_;
};

}  // namespace espial::http
