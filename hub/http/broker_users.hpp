#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/base/mac_address.hpp"
#include "hub/access/access_control.hpp"
#include "hub/http/dashboard.hpp"

namespace espial::http {

/// A user of the broker, as admins see it.
struct BrokerUserView {
  std::string name;
  bool gateway = false;
  std::vector<std::string> reads;
  std::vector<std::string> writes;
};

/// Who may log in to the hub's broker; the hub implements it. Everything answers at once.
class BrokerUsers {
 public:
  virtual ~BrokerUsers() = default;

  /// What a new user logs in with; nobody can ask for the password again.
  struct Credential {
    std::string name;
    std::string password;
    /// What an application should call itself at the broker, lest strangers take its place; empty
    /// for a gateway, which knows by itself.
    std::string client_id;
  };
  using Result = std::variant<Credential, Refusal>;

  virtual std::vector<BrokerUserView> list() const = 0;
  /// Gives the gateway with that softAP's address a password; another one if it has one.
  virtual Result add_gateway(const access::Visitor& by, const MacAddress& gateway) = 0;
  /// Likewise for an application, with filters for what it may read and write.
  virtual Result add_application(const access::Visitor& by, const std::string& name,
                                 const std::vector<std::string>& reads,
                                 const std::vector<std::string>& writes) = 0;
  /// Nothing when it is gone, and its connection with it.
  virtual std::optional<Refusal> remove(const access::Visitor& by, const std::string& name) = 0;
};

}  // namespace espial::http
