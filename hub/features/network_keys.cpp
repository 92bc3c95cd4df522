#include "hub/features/network_keys.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/session/key_wrap.hpp"
#include "hub/store/hex.hpp"
#include "ports/linux/clock.hpp"
#include "station/mac_text.hpp"

namespace espial::features {

using coordinator::JoinPolicy;
using coordinator::Verdict;
using station::Problem;

namespace {

using Json = nlohmann::json;

constexpr std::string_view kCollection = "keys";

const CommandRefusal kNoStore{true, Problem::kStoreBusy, "the hub can't store this now; try again"};
const CommandRefusal kUnknown{false, Problem::kNoSuchDevice,
                              "no module of that address has joined"};
const CommandRefusal kFull{true, Problem::kNoRoom, "there is no room for another one"};

/// The row that a label's key is wrapped for.
store::Bytes context(const MacAddress& mac) {
  constexpr std::string_view kWhat = "label";
  store::Bytes bytes(kWhat.size() + mac.octets.size());
  std::copy(mac.octets.begin(), mac.octets.end(),
            std::copy(kWhat.begin(), kWhat.end(), bytes.begin()));
  return bytes;
}

ByteView view(const store::Bytes& bytes) { return {bytes.data(), bytes.size()}; }

/// Each address of the list that is one.
std::vector<MacAddress> macs_of(const Json& object, const char* field) {
  std::vector<MacAddress> macs;
  const auto found = object.find(field);
  if (found == object.end() || !found->is_array()) return macs;
  for (const Json& item : *found) {
    const auto mac = item.is_string() ? parse_mac(item.get<std::string>()) : std::nullopt;
    if (mac) macs.push_back(*mac);
  }
  return macs;
}

Json listed_json(const coordinator::ModuleList& listed) {
  Json list = Json::array();
  for (std::size_t i = 1; i < listed.size(); ++i) {
    if (listed[i]) list.push_back(i);
  }
  return list;
}

Json judged_json(const coordinator::Coordinator& role, Verdict verdict) {
  Json list = Json::array();
  for (const auto& entry : role.admission().entries()) {
    if (entry.used && entry.verdict == verdict) list.push_back(text_of(entry.mac));
  }
  return list;
}

}  // namespace

std::optional<JoinPolicy> policy_of(std::string_view word) {
  for (const JoinPolicy policy :
       {JoinPolicy::kClosed, JoinPolicy::kWindow, JoinPolicy::kApproval, JoinPolicy::kOpen}) {
    if (to_text(policy) == word) return policy;
  }
  return std::nullopt;
}

NetworkKeys::NetworkKeys(const Settings& settings, Ports ports)
    : settings_(settings), ports_(std::move(ports)) {}

std::string NetworkKeys::name(std::string_view what) const {
  return std::to_string(settings_.server.value) + "/" + std::string(what);
}

std::string NetworkKeys::label_name(const MacAddress& mac) const {
  return name("label/" + text_of(mac));
}

std::string NetworkKeys::renewal_name(const MacAddress& mac) const {
  return name("renew/" + text_of(mac));
}

/// Who is to draw a new key.
std::vector<MacAddress> NetworkKeys::renewals() const {
  const std::string prefix = name("renew/");
  std::vector<MacAddress> macs;
  for (const auto& [document, body] : ports_.documents.all(kCollection)) {
    if (!document.starts_with(prefix)) continue;
    if (const auto mac = parse_mac(document.substr(prefix.size()))) macs.push_back(*mac);
  }
  return macs;
}

void NetworkKeys::restore() {
  const std::string* const kept = ports_.documents.find(kCollection, name("admission"));
  if (kept != nullptr) read_admission(*kept);
  const std::string labels = name("label/");
  for (const auto& [document, body] : ports_.documents.all(kCollection)) {
    if (document.starts_with(labels)) read_label(document.substr(labels.size()), body);
  }
  for (const MacAddress& mac : renewals()) (void)ports_.role.renew_key(monotonic_now(), mac);
  if (settings_.policy && *settings_.policy != admission_.policy) {
    admission_.policy = *settings_.policy;
    (void)keep_admission({});
  }
  tell_admission();
}

/// Passes over what a later version may have added; a person can put right what is wrong.
void NetworkKeys::read_admission(const std::string& body) {
  const Json kept = Json::parse(body, nullptr, false);
  if (!kept.is_object()) return;
  if (const auto policy = policy_of(kept.value("policy", ""))) admission_.policy = *policy;
  for (const Json& module : kept.value("modules", Json::array())) {
    if (!module.is_number_unsigned()) continue;
    const auto number = module.get<std::uint64_t>();
    if (number > 0 && number < admission_.listed.size()) admission_.listed[number] = true;
  }
  const auto until = kept.find("pairing_until");
  if (until != kept.end() && until->is_number_integer()) admission_.pairing_until_ms = *until;
  for (const MacAddress& mac : macs_of(kept, "approved")) {
    (void)ports_.role.admission().judge(mac, Verdict::kApproved);
  }
  for (const MacAddress& mac : macs_of(kept, "refused")) {
    (void)ports_.role.admission().judge(mac, Verdict::kRefused);
  }
}

void NetworkKeys::read_label(std::string_view text, const std::string& body) {
  const auto mac = parse_mac(text);
  const auto wrapped = store::from_hex(body);
  Key key{};
  const bool good = mac && wrapped && wrapped->size() == key.size() + session::kWrapOverhead &&
                    session::unwrap(ports_.crypto, settings_.wrap_key, view(context(*mac)),
                                    view(*wrapped), key.data());
  if (!good) {
    spdlog::error("the label of {} can't be read with this wrap.key; scan it again", text);
    return;
  }
  (void)ports_.role.add_label(*mac, key);
  ports_.crypto.wipe(key);
}

/// The role keeps no wall clock for this: the window is told anew after a restart.
void NetworkKeys::tell_admission() {
  coordinator::Admission& admission = ports_.role.admission();
  admission.set_policy(admission_.policy);
  admission.set_listed(admission_.listed);
  const std::int64_t left_ms = admission_.pairing_until_ms - unix_now().ms;
  ports_.role.set_pairing(monotonic_now() +
                          Duration::milliseconds(std::max<std::int64_t>(left_ms, 0)));
}

bool NetworkKeys::keep_admission(const Done& done) {
  const Json body{{"policy", to_text(admission_.policy)},
                  {"modules", listed_json(admission_.listed)},
                  {"approved", judged_json(ports_.role, Verdict::kApproved)},
                  {"refused", judged_json(ports_.role, Verdict::kRefused)},
                  {"pairing_until", admission_.pairing_until_ms}};
  const bool taken = ports_.documents.put(
      {std::string(kCollection), name("admission"), body.dump()}, std::nullopt, [done] {
        if (done) done(std::nullopt);
      });
  if (!taken && done) done(kNoStore);
  return taken;
}

void NetworkKeys::set_admission(std::optional<JoinPolicy> policy,
                                const std::optional<coordinator::ModuleList>& listed,
                                const Done& done) {
  const Admission before = admission_;
  if (policy) admission_.policy = *policy;
  if (listed) admission_.listed = *listed;
  if (!keep_admission(done)) admission_ = before;
  tell_admission();
}

void NetworkKeys::open_pairing(std::uint32_t seconds, const Done& done) {
  const Admission before = admission_;
  admission_.pairing_until_ms =
      seconds == 0 ? 0 : unix_now().ms + std::int64_t{std::min(seconds, kMaxPairing_s)} * 1000;
  if (!keep_admission(done)) admission_ = before;
  tell_admission();
}

void NetworkKeys::judge(const MacAddress& mac, Verdict verdict, const Done& done) {
  if (!ports_.role.admission().judge(mac, verdict)) return done(kFull);
  (void)keep_admission(done);
}

void NetworkKeys::issue_labels(const std::vector<MacAddress>& macs, const LabelsDone& done) {
  if (macs.empty() || macs.size() > kMaxLabelsAtOnce) {
    return done(CommandRefusal{false, Problem::kBadValue, "name 1 to 256 modules"}, {});
  }
  std::vector<wire::Label> labels;
  for (const MacAddress& mac : macs) {
    wire::Label label{settings_.server, mac, {}};
    ports_.random.fill(label.key);
    labels.push_back(label);
  }
  register_labels(labels, done);
}

void NetworkKeys::scan_label(std::string_view text, const LabelsDone& done) {
  const auto label = wire::parse_label(text);
  if (!label) {
    return done(CommandRefusal{false, Problem::kBadLabel,
                               "that is no label: it must look like ESPIAL:1:5E501A020001:..."},
                {});
  }
  if (label->server != settings_.server) {
    return done(CommandRefusal{false, Problem::kBadLabel,
                               "that is a label of network " + std::to_string(label->server.value) +
                                   ", this is network " + std::to_string(settings_.server.value)},
                {});
  }
  register_labels({*label}, done);
}

/// A label admits only once it is stored: what is printed works.
void NetworkKeys::register_labels(const std::vector<wire::Label>& labels, const LabelsDone& done) {
  for (const wire::Label& label : labels) {
    const coordinator::NodeEntry* const node = ports_.role.find(label.mac);
    if (node == nullptr || !node->key) continue;
    return done(CommandRefusal{false, Problem::kAlreadyJoined,
                               text_of(label.mac) + " has joined already; forget it first"},
                {});
  }
  std::vector<MacAddress> added;
  for (const wire::Label& label : labels) {
    store::Bytes wrapped(label.key.size() + session::kWrapOverhead);
    session::wrap(ports_.crypto, ports_.random, settings_.wrap_key, view(context(label.mac)),
                  label.key, wrapped.data());
    const bool room = ports_.role.add_label(label.mac, label.key);
    if (room) added.push_back(label.mac);
    const bool last = &label == &labels.back();
    const auto on_stored = [done, labels] { done(std::nullopt, labels); };
    if (room && ports_.documents.put(
                    {std::string(kCollection), label_name(label.mac), store::to_hex(view(wrapped))},
                    std::nullopt, last ? std::function<void()>(on_stored) : nullptr)) {
      continue;
    }
    for (const MacAddress& mac : added) {
      ports_.role.remove_label(mac);
      drop(label_name(mac));
    }
    return done(room ? kNoStore : kFull, {});
  }
}

void NetworkKeys::remove_label(const MacAddress& mac, const Done& done) {
  ports_.role.remove_label(mac);
  const bool taken = ports_.documents.put({std::string(kCollection), label_name(mac), {}},
                                          std::nullopt, [done] { done(std::nullopt); });
  if (!taken) done(kNoStore);
}

void NetworkKeys::drop(const std::string& document) {
  if (ports_.documents.find(kCollection, document) == nullptr) return;
  // Where it can't be stored now it does no harm: a label admits nobody who has a key of its own,
  // and a renewal that is done is dropped with the next tick.
  (void)ports_.documents.put({std::string(kCollection), document, {}});
}

void NetworkKeys::revoke(const MacAddress& mac, const Done& done) {
  if (ports_.role.find(mac) == nullptr) return done(kUnknown);
  if (!ports_.role.revoke(monotonic_now(), mac)) return done(kNoStore);
  done(std::nullopt);
}

void NetworkKeys::unrevoke(const MacAddress& mac, const Done& done) {
  if (ports_.role.find(mac) == nullptr) return done(kUnknown);
  if (!ports_.role.unrevoke(mac)) return done(kNoStore);
  done(std::nullopt);
}

void NetworkKeys::renew(const MacAddress& mac, const Done& done) {
  if (ports_.role.find(mac) == nullptr) return done(kUnknown);
  const bool taken = ports_.documents.put({std::string(kCollection), renewal_name(mac), "{}"},
                                          std::nullopt, [done] { done(std::nullopt); });
  if (!taken) return done(kNoStore);
  (void)ports_.role.renew_key(monotonic_now(), mac);
}

bool NetworkKeys::keep_keys(const NetworkKeyPair& keys) {
  if (!ports_.keep(keys)) return false;
  settings_.network = keys;
  return true;
}

void NetworkKeys::begin_change(const Done& done) {
  if (settings_.network.former) {
    return done(CommandRefusal{false, Problem::kKeyChanging,
                               "the network key is being changed already; end that first"});
  }
  NetworkKeyPair keys;
  keys.former = settings_.network.key;
  keys.generation = static_cast<std::uint8_t>(settings_.network.generation + 1);
  ports_.random.fill(keys.key);
  // On disk first: what a module may be told must not be forgotten.
  if (!keep_keys(keys)) {
    return done(CommandRefusal{true, Problem::kKeyNotKept,
                               "the new key can't be written to the data directory"});
  }
  (void)ports_.role.begin_key_change(keys.key);
  spdlog::warn("the network key is being changed: generation {} is in force, both admit",
               keys.generation);
  done(std::nullopt);
}

void NetworkKeys::end_change(const Done& done) {
  if (!settings_.network.former) return done(std::nullopt);
  NetworkKeyPair keys = settings_.network;
  keys.former.reset();
  if (!keep_keys(keys)) {
    return done(CommandRefusal{true, Problem::kKeyNotKept,
                               "the former key can't be removed from the data directory"});
  }
  ports_.role.end_key_change();
  spdlog::warn("the network key is changed: only generation {} admits", keys.generation);
  done(std::nullopt);
}

void NetworkKeys::joined(const MacAddress& mac) {
  drop(label_name(mac));
  const std::string* const kept = ports_.documents.find(kCollection, name("admission"));
  if (kept != nullptr && kept->find(text_of(mac)) != std::string::npos) (void)keep_admission({});
}

void NetworkKeys::tick() {
  for (const MacAddress& mac : renewals()) {
    const coordinator::NodeEntry* const node = ports_.role.find(mac);
    if (node == nullptr || !node->renew) drop(renewal_name(mac));
  }
  if (!settings_.network.former) return;
  const coordinator::KeyChange change = ports_.role.key_change();
  if (change.modules > 0 && change.renewed == change.modules) end_change([](const auto&) {});
}

std::string NetworkKeys::json() const {
  const coordinator::Coordinator& role = ports_.role;
  const coordinator::KeyChange change = role.key_change();
  Json waiting = Json::array();
  for (const auto& entry : role.admission().entries()) {
    if (!entry.used || entry.verdict != Verdict::kNone) continue;
    waiting.push_back({{"mac", text_of(entry.mac)}, {"module", entry.wanted.value}});
  }
  Json revoked = Json::array();
  Json left = Json::array();
  role.for_each([&](const coordinator::NodeEntry& node) {
    if (node.revoked) {
      revoked.push_back(text_of(node.mac));
    } else if (change.under_way && role.awaits_key_change(node)) {
      left.push_back(text_of(node.mac));
    }
  });
  Json labels = Json::array();
  const std::string prefix = name("label/");
  for (const auto& [document, body] : ports_.documents.all(kCollection)) {
    if (document.starts_with(prefix)) labels.push_back(document.substr(prefix.size()));
  }
  const bool open = role.pairing_open(monotonic_now());
  return Json{{"policy", to_text(admission_.policy)},
              {"modules", listed_json(admission_.listed)},
              {"pairing_until", open ? admission_.pairing_until_ms : 0},
              {"waiting", std::move(waiting)},
              {"approved", judged_json(role, Verdict::kApproved)},
              {"refused", judged_json(role, Verdict::kRefused)},
              {"labels", std::move(labels)},
              {"revoked", std::move(revoked)},
              {"key",
               {{"generation", change.generation},
                {"changing", change.under_way},
                {"renewed", change.renewed},
                {"modules", change.modules},
                {"left", std::move(left)}}}}
      .dump();
}

}  // namespace espial::features
