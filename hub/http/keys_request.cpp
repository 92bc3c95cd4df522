#include "hub/http/keys_request.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace espial::http {
namespace {

using Json = nlohmann::json;
using What = KeysRequest::What;

constexpr std::size_t kMaxMacs = 1024;
constexpr std::size_t kMaxLabelBytes = 200;
constexpr std::size_t kMaxPolicyBytes = 16;
constexpr std::uint32_t kMaxSeconds = 24 * 3600;

struct Word {
  std::string_view word;
  What what;
};
constexpr std::array<Word, 12> kWords{{{"settings", What::kSettings},
                                       {"pairing", What::kPairing},
                                       {"approve", What::kApprove},
                                       {"refuse", What::kRefuse},
                                       {"unjudge", What::kUnjudge},
                                       {"labels", What::kIssueLabels},
                                       {"unlabel", What::kRemoveLabel},
                                       {"revoke", What::kRevoke},
                                       {"unrevoke", What::kUnrevoke},
                                       {"renew", What::kRenew},
                                       {"begin_change", What::kBeginChange},
                                       {"end_change", What::kEndChange}}};

const Word* find_word(std::string_view text) {
  const auto* const found = std::find_if(kWords.begin(), kWords.end(),
                                         [text](const Word& word) { return word.word == text; });
  return found == kWords.end() ? nullptr : found;
}

bool add_mac(const Json& value, KeysRequest& request) {
  const auto mac =
      value.is_string() ? parse_mac(value.get_ref<const std::string&>()) : std::nullopt;
  if (mac) request.macs.push_back(*mac);
  return mac.has_value();
}

const char* read_labels(const Json& body, KeysRequest& request) {
  constexpr const char* kWrong =
      "Give macs, a list of addresses like aa:bb:cc:dd:ee:ff, or label, the text of one.";
  if (const auto label = body.find("label"); label != body.end()) {
    request.what = What::kScanLabel;
    if (!label->is_string()) return kWrong;
    request.label = label->get<std::string>();
    return request.label.size() <= kMaxLabelBytes ? nullptr : kWrong;
  }
  const auto macs = body.find("macs");
  if (macs == body.end() || !macs->is_array() || macs->size() > kMaxMacs) return kWrong;
  for (const Json& mac : *macs) {
    if (!add_mac(mac, request)) return kWrong;
  }
  return nullptr;
}

const char* read_settings(const Json& body, KeysRequest& request) {
  if (const auto policy = body.find("policy"); policy != body.end()) {
    const bool good =
        policy->is_string() && policy->get_ref<const std::string&>().size() <= kMaxPolicyBytes;
    if (!good) return "Give policy as closed, window, approval or open.";
    request.policy = policy->get<std::string>();
  }
  const auto modules = body.find("modules");
  if (modules == body.end()) return nullptr;
  constexpr const char* kWrong = "Give modules as a list of module IDs from 1 to 255.";
  if (!modules->is_array() || modules->size() > 255) return kWrong;
  request.modules.emplace();
  for (const Json& module : *modules) {
    if (!module.is_number_unsigned()) return kWrong;
    const auto number = module.get<std::uint64_t>();
    if (number < 1 || number > 255) return kWrong;
    request.modules->push_back(static_cast<std::uint8_t>(number));
  }
  return nullptr;
}

}  // namespace

bool is_keys_word(std::string_view word) { return find_word(word) != nullptr; }

const char* read_keys_request(std::string_view word, std::string_view text, KeysRequest& request) {
  request.what = find_word(word)->what;
  if (request.what == What::kBeginChange || request.what == What::kEndChange) return nullptr;
  const Json body = Json::parse(text, nullptr, false);
  if (!body.is_object()) return "Send a JSON object.";
  switch (request.what) {
    case What::kSettings:
      return read_settings(body, request);
    case What::kIssueLabels:
      return read_labels(body, request);
    case What::kPairing: {
      const auto seconds = body.find("seconds");
      const bool good = seconds != body.end() && seconds->is_number_unsigned() &&
                        seconds->get<std::uint64_t>() <= kMaxSeconds;
      if (!good) return "Give seconds, a whole number from 0 (close the window) to 86400.";
      request.seconds = seconds->get<std::uint32_t>();
      return nullptr;
    }
    default: {
      const auto mac = body.find("mac");
      const bool good = mac != body.end() && add_mac(*mac, request);
      return good ? nullptr : "Give mac, the module's address, like aa:bb:cc:dd:ee:ff.";
    }
  }
}

}  // namespace espial::http
