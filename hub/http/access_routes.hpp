#pragma once

#include <functional>
#include <optional>
#include <string>

#include "hub/access/access_control.hpp"
#include "hub/http/broker_users.hpp"
#include "hub/http/form_body.hpp"
#include "hub/http/message.hpp"
#include "hub/http/target.hpp"

namespace espial::http {

/// Who sends a request, by its cookie or its token.
access::Visitor visitor_of(access::AccessControl& access, const Request& request);

/// The refusal for a visitor who may not: 401 for somebody unknown, 403 for somebody known.
std::optional<Response> refuse(const access::Visitor& visitor, access::Role needed);

/// Logging in and out, and what admins do with accounts and tokens.
class AccessRoutes {
 public:
  using Reply = std::function<void(Response)>;

  explicit AccessRoutes(access::AccessControl& access) : access_(access) {}

  /// Who may log in to the broker; nullptr: it asks nobody, or is not ours. Outlives the server.
  void set_broker_users(BrokerUsers* users) { broker_users_ = users; }

  /// Where people open the page: "https://192.168.1.5:8080". Empty: nobody knows.
  void set_page(std::string page) { page_ = std::move(page); }

  /// Whether the address is one of ours.
  static bool owns(const Target& target);

  /// Answers by exactly one call of `reply`, now or later.
  void handle(const Request& request, const Target& target, const access::Visitor& visitor,
              const Reply& reply);

 private:
  using Visitor = access::Visitor;

  void session(const Request& request, const Target& target, const Visitor& visitor,
               const Reply& reply);
  void log_in(const Request& request, const Reply& reply);
  void set_up(const Request& request, const Reply& reply);
  void own_password(const Request& request, const Visitor& visitor, const Reply& reply);
  void accounts(const Request& request, const Visitor& visitor, const Reply& reply);
  void account(const Request& request, const std::string& name, const Visitor& visitor,
               const Reply& reply);
  void tokens(const Request& request, const Visitor& visitor, const Reply& reply);
  void broker_users(const Request& request, const Target& target, const Visitor& visitor,
                    const Reply& reply);
  void add_broker_user(const Request& request, const Visitor& visitor, const Reply& reply);
  void administer(const Request& request, const Target& target, const Visitor& visitor,
                  const Reply& reply);
  std::string session_json(const Visitor& visitor, bool secure) const;

  access::AccessControl& access_;
  BrokerUsers* broker_users_ = nullptr;
  std::string page_;
};

}  // namespace espial::http
