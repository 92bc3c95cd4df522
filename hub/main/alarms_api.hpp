#pragma once

#include <string>
#include <vector>

#include "hub/features/alarms/alarms.hpp"
#include "hub/http/handler.hpp"
#include "hub/store/documents.hpp"

namespace espial::main {

/// `/api/alarms`: the rules, kept as documents, and how their alarms stand.
class AlarmsApi {
 public:
  /// `documents` and what `ports` names outlive this object.
  AlarmsApi(store::Documents& documents, std::string site, alarms::Alarms::Ports ports);

  void handle(const http::Request& request, const http::Target& target, const http::Reply& reply);
  /// Another module has taken the place of the one at `from`.
  void replaced(const MacAddress& from, const MacAddress& to);
  /// The device at `mac` is no more: nor are the alarms about it.
  void forgotten(const MacAddress& mac);
  alarms::Alarms& alarms() { return alarms_; }
  const alarms::Alarms& alarms() const { return alarms_; }

 private:
  std::string list(bool with_webhooks) const;
  void save(const std::string& name, const http::Request& request, const http::Reply& reply);
  void remove(const std::string& name, const http::Reply& reply);

  store::Documents& documents_;
  alarms::Alarms alarms_;
};

}  // namespace espial::main
