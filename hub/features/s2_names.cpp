// What a board is called, while it may not know its new name yet.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "hub/features/s2_sessions.hpp"
#include "station/mac_text.hpp"

namespace espial::features {
namespace {

std::string in_capitals(std::string mac) {
  std::transform(mac.begin(), mac.end(), mac.begin(),
                 [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
  return mac;
}

}  // namespace

void S2Sessions::restore_names(const store::Snapshot& snapshot) {
  for (const store::Document& document : snapshot.documents) {
    if (document.collection != s2::kNameCollection) continue;
    auto former = s2::parse_former_names(document.body);
    if (!former || former->names.size() > kFormerNames) continue;
    const auto session = sessions_.find(former->session);
    if (session == sessions_.end()) continue;
    boards_.at(session->second.value).former_names = std::move(former->names);
  }
}

void S2Sessions::assign_name(const station::Device& device, const Board& board) {
  std::vector<std::string> spellings{board.mac_text};
  if (board.mac_text.empty()) spellings = {text_of(device.mac), in_capitals(text_of(device.mac))};
  for (const std::string& mac : spellings) {
    const std::string text = s2::name_assign(mac, device.name, board.session);
    mqtt::Message message;
    message.topic = "state/nameAssign";
    message.payload = as_bytes(text);
    message.qos = mqtt::Qos::kExactlyOnce;
    if (ports_.publish(message) == mqtt::PublishError::kNone) continue;
    spdlog::warn("S2: could not tell {} its name; it will ask again", mac);
  }
}

/// Whether a board may speak under `name`. What it was told before that name is behind it.
bool S2Sessions::goes_by(const station::Device& device, Board& board, std::string_view name) {
  auto& former = board.former_names;
  const auto spoken = std::find(former.begin(), former.end(), name);
  if (spoken == former.end() && device.name != name) return false;
  if (spoken == former.begin()) return true;
  former.erase(former.begin(), spoken);
  // One that is not stored is behind it again once it speaks after the next start.
  if (!ports_.committer.submit({{names_of(device, board)}, {}})) ++counters_.not_stored;
  return true;
}

bool S2Sessions::renamed(station::DeviceId id, std::string_view former_name) {
  const station::Device* const device = ports_.live.find(id);
  const auto found = boards_.find(id.value);
  if (device == nullptr || found == boards_.end()) return false;
  Board board = found->second;
  went_by(board, former_name);
  if (!ports_.committer.submit({{record_of(*device, board), names_of(*device, board)}, {}})) {
    ++counters_.not_stored;
    return false;
  }
  found->second = std::move(board);
  assign_name(*device, found->second);
  return true;
}

/// Until it takes the name that it is told now. The first is the one it goes by for sure: too many
/// give up the second.
void S2Sessions::went_by(Board& board, std::string_view former_name) {
  auto& former = board.former_names;
  if (former.size() >= kFormerNames) former.erase(former.begin() + 1);
  former.emplace_back(former_name);
}

/// Of a board that is forgotten. A document that stays means nothing: it is of a session that is
/// over.
void S2Sessions::drop_names(station::DeviceId id, Board& board) {
  const station::Device* const device = ports_.live.find(id);
  if (device == nullptr || board.former_names.empty()) return;
  board.former_names.clear();
  if (!ports_.committer.submit({{names_of(*device, board)}, {}})) ++counters_.not_stored;
}

/// As they are kept; none: no document.
store::Document S2Sessions::names_of(const station::Device& device, const Board& board) {
  store::Document document{std::string(s2::kNameCollection), text_of(device.mac), {}};
  if (!board.former_names.empty()) {
    document.body = s2::to_document({board.session, board.former_names});
  }
  return document;
}

}  // namespace espial::features
