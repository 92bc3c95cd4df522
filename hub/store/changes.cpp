#include "hub/store/changes.hpp"

#include "core/wire/reading.hpp"

namespace espial::store {
namespace {

bool time_fits(UnixTime time) { return time.ms >= 0 && time.ms <= kMaxTimeMs; }

struct Limits {
  bool operator()(const DeviceRecord& device) const {
    return device.id.value != 0 && !device.name.empty() &&
           device.name.size() <= station::kMaxNameBytes &&
           device.session_id.size() <= kMaxSessionTextBytes &&
           device.firmware.size() <= station::kMaxTitleBytes &&
           device.chip.size() <= station::kMaxTitleBytes && time_fits(device.joined_at) &&
           time_fits(device.last_seen);
  }
  bool operator()(const DeviceSeen& seen) const { return time_fits(seen.last_seen); }
  bool operator()(const FunctionRecord& function) const {
    return wire::valid_slot(function.slot) && function.title.size() <= station::kMaxTitleBytes;
  }
  bool operator()(const Reading& reading) const {
    return wire::valid_slot(reading.slot) && reading.text.size() <= kMaxTextBytes &&
           time_fits(reading.taken_at);
  }
  bool operator()(const StreamProgress& progress) const {
    return progress.window.size() <= kMaxWindowBytes;
  }
  bool operator()(const EspialNode& node) const { return node.wrapped.size() <= kMaxWrappedBytes; }
  bool operator()(const EspialSession& session) const {
    return session.wrapped.size() <= kMaxWrappedBytes;
  }
  bool operator()(const SessionProgress&) const { return true; }
  bool operator()(const HistoryErased&) const { return true; }
  bool operator()(const CommandRecord& command) const {
    return wire::valid_slot(command.slot) && command.payload.size() <= kMaxPayloadBytes &&
           time_fits(command.created_at) && time_fits(command.ended_at) &&
           time_fits(command.expires_at);
  }
  bool operator()(const MetaRecord& meta) const {
    return !meta.key.empty() && meta.key.size() <= kMaxTextBytes &&
           meta.value.size() <= kMaxTextBytes && meta.key.rfind("store.", 0) != 0;
  }
  bool operator()(const Document& document) const {
    return !document.collection.empty() && document.collection.size() <= kMaxDocumentNameBytes &&
           !document.name.empty() && document.name.size() <= kMaxDocumentNameBytes &&
           document.body.size() <= kMaxDocumentBytes;
  }
  bool operator()(const AuditRecord& record) const {
    return time_fits(record.at) && record.account.size() <= kMaxAuditTextBytes &&
           !record.action.empty() && record.action.size() <= kMaxAuditTextBytes &&
           record.subject.size() <= kMaxAuditTextBytes &&
           record.detail.size() <= kMaxAuditTextBytes;
  }
};

}  // namespace

bool within_limits(const Change& change) { return std::visit(Limits{}, change); }

std::string_view to_text(CommandState state) {
  switch (state) {
    case CommandState::pending:
      return "pending";
    case CommandState::executed:
      return "executed";
    case CommandState::refused:
      return "refused";
    case CommandState::expired:
      return "expired";
  }
  return "unknown";
}

}  // namespace espial::store
