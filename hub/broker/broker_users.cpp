#include "hub/broker/broker_users.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace espial::broker {
namespace {

constexpr int kRounds = 101;
constexpr std::size_t kFilterCharsMax = 200;

template <std::size_t Size>
std::string base64(const std::array<std::uint8_t, Size>& bytes) {
  std::array<unsigned char, 4 * ((Size + 2) / 3) + 1> text{};
  const int length = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(Size));
  return {text.begin(), text.begin() + length};
}

}  // namespace

std::string hash_broker_password(std::string_view password, Random& random) {
  std::array<std::uint8_t, 12> salt{};
  std::array<std::uint8_t, 64> hash{};
  random.fill(salt);
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(),
                    static_cast<int>(salt.size()), kRounds, EVP_sha512(),
                    static_cast<int>(hash.size()), hash.data());
  return "$7$" + std::to_string(kRounds) + '$' + base64(salt) + '$' + base64(hash);
}

std::string gateway_user(const MacAddress& gateway) {
  std::string name = "gateway-";
  for (const char c : to_text(gateway)) {
    if (c != ':') name += c;
  }
  return name;
}

BrokerUser make_gateway_user(std::string_view site, const MacAddress& gateway, std::string hash) {
  const auto text = to_text(gateway);
  const std::string mac(text.begin(), text.end());
  const std::string network = "espial/" + std::string(site) + "/+/";
  return {
      gateway_user(gateway),
      std::move(hash),
      {network + "down/" + mac + "/+", network + "coordinator", network + "keyed", "/device/+/set"},
      {network + "up/" + mac + "/+", network + "gateway/" + mac, "/device/+"}};
}

bool acceptable_filter(std::string_view filter) {
  if (filter.empty() || filter.size() > kFilterCharsMax || filter.front() == '$') return false;
  for (std::size_t i = 0; i < filter.size(); ++i) {
    const char c = filter[i];
    if (c <= ' ' || c > '~') return false;
    if (c != '#' && c != '+') continue;
    const bool alone = (i == 0 || filter[i - 1] == '/') &&
                       (i + 1 == filter.size() || (c == '+' && filter[i + 1] == '/'));
    if (!alone) return false;
  }
  return true;
}

std::string password_file(const std::vector<BrokerUser>& users) {
  std::string text;
  for (const BrokerUser& user : users) text += user.name + ':' + user.password_hash + '\n';
  return text;
}

std::string access_list(const std::vector<BrokerUser>& users) {
  std::string text;
  for (const BrokerUser& user : users) {
    text += "user " + user.name + '\n';
    for (const std::string& filter : user.reads) text += "topic read " + filter + '\n';
    for (const std::string& filter : user.writes) text += "topic write " + filter + '\n';
    text += '\n';
  }
  return text;
}

std::string s2_access_list() {
  return "topic write state/join\n"
         "topic write state/leave\n"
         "topic write led/status\n"
         "topic write button/status\n"
         "topic write photoresistor/status\n"
         "topic read state/nameAssign\n"
         "topic read led/command\n";
}

}  // namespace espial::broker
