// Who may join and whose keys are good, as the page and its API ask for it.
#include <nlohmann/json.hpp>

#include "hub/main/hub_dashboard.hpp"
#include "hub/main/label_sheet.hpp"

namespace espial::main {
namespace {

using http::KeysRequest;
using http::Refusal;
using station::Problem;

Refusal refusal_of(const features::CommandRefusal& why) {
  const auto kind = why.problem == Problem::kNoSuchDevice ? Refusal::Kind::kUnknown
                    : why.try_again_later                 ? Refusal::Kind::kUnavailable
                                                          : Refusal::Kind::kInvalid;
  return {kind, why.problem, why.reason};
}

std::string labels_json(const std::vector<wire::Label>& labels) {
  nlohmann::json list = nlohmann::json::array();
  for (const wire::Label& label : labels) {
    const auto mac = to_text(label.mac);
    const wire::LabelText text(label);
    nlohmann::json one = {{"mac", std::string(mac.begin(), mac.end())}, {"text", text.view()}};
    if (const auto code = make_qr(text.view())) {
      one["qr"] = {{"width", code->width}, {"path", qr_as_path(*code)}};
    }
    list.push_back(std::move(one));
  }
  return nlohmann::json{{"labels", std::move(list)}}.dump();
}

coordinator::ModuleList list_of(const std::vector<std::uint8_t>& modules) {
  coordinator::ModuleList list{};
  for (const std::uint8_t module : modules) list[module] = true;
  return list;
}

}  // namespace

void HubDashboard::keys(const KeysRequest& request, std::function<void(http::KeysResult)> answer) {
  using What = KeysRequest::What;
  features::NetworkKeys& keys = parts_.network.keys();
  const auto done = [this, answer](const std::optional<features::CommandRefusal>& why) {
    announce_keys();
    answer(why ? http::KeysResult(refusal_of(*why)) : http::KeysResult(std::string("{}")));
  };
  const auto labelled = [this, answer](const std::optional<features::CommandRefusal>& why,
                                       const std::vector<wire::Label>& labels) {
    announce_keys();
    answer(why ? http::KeysResult(refusal_of(*why)) : http::KeysResult(labels_json(labels)));
  };
  const MacAddress mac = request.macs.empty() ? MacAddress{} : request.macs.front();
  switch (request.what) {
    case What::kSettings:
      return set_admission(request, done);
    case What::kPairing:
      return keys.open_pairing(request.seconds, done);
    case What::kApprove:
      return keys.judge(mac, coordinator::Verdict::kApproved, done);
    case What::kRefuse:
      return keys.judge(mac, coordinator::Verdict::kRefused, done);
    case What::kUnjudge:
      return keys.judge(mac, coordinator::Verdict::kNone, done);
    case What::kIssueLabels:
      return keys.issue_labels(request.macs, labelled);
    case What::kScanLabel:
      return keys.scan_label(request.label, labelled);
    case What::kRemoveLabel:
      return keys.remove_label(mac, done);
    case What::kRevoke:
      return keys.revoke(mac, done);
    case What::kUnrevoke:
      return keys.unrevoke(mac, done);
    case What::kRenew:
      return keys.renew(mac, done);
    case What::kBeginChange:
      return keys.begin_change(done);
    case What::kEndChange:
      return keys.end_change(done);
  }
}

void HubDashboard::set_admission(const KeysRequest& request,
                                 const features::NetworkKeys::Done& done) {
  const auto policy = request.policy ? features::policy_of(*request.policy) : std::nullopt;
  if (request.policy && !policy) {
    return done(features::CommandRefusal{false, Problem::kBadValue,
                                         "the policy is closed, window, approval or open"});
  }
  const auto listed = request.modules ? std::optional(list_of(*request.modules)) : std::nullopt;
  parts_.network.keys().set_admission(policy, listed, done);
}

void HubDashboard::announce_keys() {
  std::string keys = parts_.network.keys().json();
  if (keys == last_keys_) return;
  last_keys_ = keys;
  parts_.announce({http::Event::Kind::kKeys, {}, std::move(keys)});
}

}  // namespace espial::main
