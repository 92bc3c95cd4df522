#include "hub/access/session_table.hpp"

#include <algorithm>
#include <utility>

namespace espial::access {

bool SessionTable::ended(const Session& session, UnixTime now) const {
  return now.ms >= session.created_at.ms + limits_.absolute.ms() ||
         now.ms >= session.used_at.ms + limits_.idle.ms();
}

void SessionTable::restore(const Session& session, UnixTime now) {
  if (!ended(session, now)) sessions_[session.digest] = {session, session.used_at};
}

std::vector<Session> SessionTable::open(const Session& session) {
  std::vector<Session> own;
  for (const auto& [digest, entry] : sessions_) {
    if (entry.session.account == session.account) own.push_back(entry.session);
  }
  const std::size_t surplus =
      own.size() < limits_.per_account ? 0 : own.size() - limits_.per_account + 1;
  std::sort(own.begin(), own.end(),
            [](const Session& a, const Session& b) { return a.used_at < b.used_at; });
  own.resize(surplus);
  for (const Session& old : own) sessions_.erase(old.digest);
  sessions_[session.digest] = {session, session.used_at};
  return own;
}

SessionTable::Found SessionTable::use(std::string_view digest, UnixTime now) {
  const auto found = sessions_.find(std::string(digest));
  if (found == sessions_.end() || ended(found->second.session, now)) return {};
  Entry& entry = found->second;
  entry.session.used_at = now;
  const bool keep = now.ms >= entry.kept_at.ms + limits_.kept_every.ms();
  if (keep) entry.kept_at = now;
  return {&entry.session, keep};
}

bool SessionTable::is_open(std::string_view digest, UnixTime now) const {
  const auto found = sessions_.find(std::string(digest));
  return found != sessions_.end() && !ended(found->second.session, now);
}

std::optional<Session> SessionTable::close(std::string_view digest) {
  auto node = sessions_.extract(std::string(digest));
  if (node.empty()) return std::nullopt;
  return std::move(node.mapped().session);
}

std::vector<Session> SessionTable::close_all_of(std::string_view account) {
  std::vector<Session> closed;
  std::erase_if(sessions_, [&](const auto& entry) {
    const bool own = entry.second.session.account == account;
    if (own) closed.push_back(entry.second.session);
    return own;
  });
  return closed;
}

std::vector<Session> SessionTable::sweep(UnixTime now) {
  std::vector<Session> closed;
  std::erase_if(sessions_, [&](const auto& entry) {
    const bool over = ended(entry.second.session, now);
    if (over) closed.push_back(entry.second.session);
    return over;
  });
  return closed;
}

}  // namespace espial::access
