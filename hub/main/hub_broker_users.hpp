#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/port/random.hpp"
#include "hub/access/access_control.hpp"
#include "hub/broker/broker_users.hpp"
#include "hub/http/broker_users.hpp"
#include "hub/store/documents.hpp"

namespace espial::main {

/// The users of the private broker: the hub itself, one for each gateway, and applications. Their
/// passwords are drawn here and kept as hashes.
class HubBrokerUsers final : public http::BrokerUsers {
 public:
  struct Parts {
    store::Documents& documents;
    Random& random;
    std::string site;
    std::string hub_password;
    /// Puts other users in force; false when the broker would not have them.
    std::function<bool(std::vector<broker::BrokerUser>)> apply;
  };
  static constexpr const char* kHubUser = "espial-hub";

  explicit HubBrokerUsers(Parts parts);

  /// All of them, the hub first.
  std::vector<broker::BrokerUser> users() const;

  std::vector<http::BrokerUserView> list() const override;
  Result add_gateway(const access::Visitor& by, const MacAddress& gateway) override;
  Result add_application(const access::Visitor& by, const std::string& name,
                         const std::vector<std::string>& reads,
                         const std::vector<std::string>& writes) override;
  std::optional<http::Refusal> remove(const access::Visitor& by, const std::string& name) override;

 private:
  Result add(const access::Visitor& by, broker::BrokerUser user, std::string password);

  Parts parts_;
  std::string hub_hash_;
  std::map<std::string, broker::BrokerUser> users_;
};

}  // namespace espial::main
