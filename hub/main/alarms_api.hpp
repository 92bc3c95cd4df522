#pragma once

#include <functional>
#include <string>
#include <vector>

#include "hub/features/alarms/alarms.hpp"
#include "hub/http/handler.hpp"
#include "hub/store/documents.hpp"

namespace espial::main {

/// `/api/alarms`: the rules and how their alarms stand, both kept as documents, and what people say
/// to an alarm.
class AlarmsApi {
 public:
  /// `documents` and what `ports` names outlive this object, which fills in `ports.keep`.
  AlarmsApi(store::Documents& documents, std::string site, alarms::Alarms::Ports ports);

  void handle(const http::Request& request, const http::Target& target, const http::Reply& reply);
  /// What is to be stored when the device at `from` is at `to`.
  store::Changes following(const MacAddress& from, const MacAddress& to) const;
  /// It is, and that is stored with what moved it, or on its way there.
  void replaced(const MacAddress& from, const MacAddress& to);
  /// The device at `mac` is no more: nor are the alarms about it.
  void forgotten(const MacAddress& mac);
  alarms::Alarms& alarms() { return alarms_; }
  const alarms::Alarms& alarms() const { return alarms_; }

 private:
  std::string list(bool with_webhooks) const;
  void save(const std::string& name, const http::Request& request, const http::Reply& reply);
  void remove(const std::string& name, const http::Reply& reply);
  void say(const std::string& name, const std::string& part, const http::Request& request,
           const http::Reply& reply);
  void acknowledge(const std::string& name, const http::Request& request, const http::Reply& reply);
  void silence(const std::string& name, const http::Request& request, const http::Reply& reply);
  bool keep(const std::string& name, const std::string& record, std::function<void()> on_kept);

  store::Documents& documents_;
  alarms::Alarms alarms_;
};

}  // namespace espial::main
