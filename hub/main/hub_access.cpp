#include "hub/main/hub_access.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "hub/access/secret.hpp"
#include "ports/linux/clock.hpp"

namespace espial::main {

HubAccess::HubAccess(const Parts& parts, bool login_required)
    : passwords_(parts.io, access::cost_for_machine(access::machine_memory_bytes())),
      control_({passwords_, parts.random, unix_now,
                [parts](const auto& documents, const auto& record) {
                  return keep(parts, documents, record);
                }},
               [login_required] {
                 access::AccessControl::Options options;
                 options.login_required = login_required;
                 return options;
               }()) {
  std::vector<store::Document> documents;
  for (const auto collection : {access::kAccounts, access::kTokens, access::kSessions}) {
    for (const auto& [name, body] : parts.documents.all(collection)) {
      documents.push_back({std::string(collection), name, body});
    }
  }
  if (const std::size_t unreadable = control_.restore(documents)) {
    spdlog::error("{} accounts, tokens or sessions in the database can't be read: left out",
                  unreadable);
  }
  const std::string secret = access::draw_secret(parts.random);
  parts.data.keep_local_secret(secret);
  control_.set_local_secret(secret);
}

std::string HubAccess::open_setup_if_needed() {
  if (!control_.login_required() || !control_.setup_needed()) return {};
  return control_.open_setup({});
}

bool HubAccess::keep(const Parts& parts, const std::vector<store::Document>& documents,
                     const std::optional<store::AuditRecord>& record) {
  if (documents.empty()) {
    if (!record) return true;
    store::Unit unit;
    unit.changes.emplace_back(*record);
    return parts.committer.submit(std::move(unit));
  }
  if (!parts.documents.put(documents.front(), record)) return false;
  for (auto one = documents.begin() + 1; one != documents.end(); ++one) {
    (void)parts.documents.put(*one);  // sessions that have ended: they open nothing any more
  }
  return true;
}

}  // namespace espial::main
