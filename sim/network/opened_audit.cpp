#include "sim/network/opened_audit.hpp"

#include <algorithm>

#include "core/wire/sealed.hpp"

namespace espial::sim {

std::optional<std::uint64_t> OpenedAudit::note(const MacAddress& mac, ByteView body,
                                               const Durable& durable) {
  const auto sealed = wire::parse_sealed(body);
  if (!sealed) return std::nullopt;
  const bool first = !knows(mac);
  Session& session = sessions_[mac];
  if (first || session.over || session.id != sealed->header.session) {
    session = {};
    session.id = sealed->header.session;
    if (first && durable.session == session.id) {
      const session::ReplayWindow& window = durable.window;
      session.highest = std::max(window.highest(), durable.highest.value_or(0));
      if (durable.highest && (window.empty() || *durable.highest > window.highest())) {
        session.opened.take_all_to(*durable.highest);
      } else {
        session.before = window;
      }
    }
  }
  const std::uint64_t counter = session::restore_counter(session.highest, sealed->header.counter);
  session.highest = std::max(session.highest, counter);
  const bool before = session.before.check(counter) != session::ReplayWindow::Verdict::kAcceptable;
  return before || !session.opened.take(counter) ? std::optional(counter) : std::nullopt;
}

}  // namespace espial::sim
