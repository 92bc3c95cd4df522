// One end of a session, driven by lines: what foreign implementations talk to in tests.
//
//   credentials SERVER KEY_ID GENERATION MAC KEY      who talks to whom; the MAC in hex, no colons
//   start join|resume WANTED_MODULE STREAM_ID         node: -> body
//   finish BODY                                       node: -> ok SESSION MODULE TIME_MS ZONE
//   GENERATION NODE_KEY judge BODY                                        node: ->
//   proven|hint|not_ours REASON read join|resume BODY                             coordinator: ->
//   ok WANTED_MODULE STREAM_ID accept SESSION MODULE TIME_MS ZONE GENERATION NODE_KEY coordinator:
//   -> body refuse REASON BODY                                coordinator: -> body seal PLAINTEXT
//   both: -> body open BODY                                         both: -> ok PLAINTEXT
//
// Bytes are hex. What is refused answers with the reason's name, a line that is none with "what?".

#include <array>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "core/crypto/hex_test.hpp"
#include "core/port/radio.hpp"
#include "core/session/handshake.hpp"
#include "ports/linux/crypto_sodium.hpp"
#include "ports/linux/random_linux.hpp"

namespace espial::session {
namespace {

std::string name_of(HandshakeStatus status) {
  switch (status) {
    case HandshakeStatus::kOk:
      return "ok";
    case HandshakeStatus::kNotStarted:
      return "not_started";
    case HandshakeStatus::kTooShort:
      return "too_short";
    case HandshakeStatus::kTooLong:
      return "too_long";
    case HandshakeStatus::kNotOurs:
      return "not_ours";
    case HandshakeStatus::kNotAuthentic:
      return "not_authentic";
    case HandshakeStatus::kMalformed:
      return "malformed";
  }
  return "what?";
}

std::string name_of(OpenStatus status) {
  switch (status) {
    case OpenStatus::kOk:
      return "ok";
    case OpenStatus::kTooShort:
      return "too_short";
    case OpenStatus::kTooLong:
      return "too_long";
    case OpenStatus::kWrongSession:
      return "wrong_session";
    case OpenStatus::kTooOld:
      return "too_old";
    case OpenStatus::kReplayed:
      return "replayed";
    case OpenStatus::kNotAuthentic:
      return "not_authentic";
  }
  return "what?";
}

class Peer {
 public:
  std::string answer(const std::string& line) {
    std::istringstream words(line);
    std::string command;
    words >> command;
    if (command == "credentials") return credentials(words);
    if (command == "start") return start(words);
    if (command == "finish") return finish(words);
    if (command == "judge") return judge(words);
    if (command == "read") return read(words);
    if (command == "accept") return accept(words);
    if (command == "node_key") return to_hex(node_key_);
    if (command == "refuse") return refuse_packet(words);
    if (command == "seal") return seal(words);
    if (command == "open") return open(words);
    return "what?";
  }

 private:
  using Bytes = std::vector<std::uint8_t>;

  static Bytes bytes(std::istream& words) {
    std::string text;
    words >> text;
    return from_hex(text);
  }
  static std::uint8_t small(std::istream& words) {
    unsigned number = 0;
    words >> number;
    return static_cast<std::uint8_t>(number);
  }

  std::string credentials(std::istream& words) {
    credentials_.server = {small(words)};
    credentials_.key_id = static_cast<wire::KeyId>(small(words));
    credentials_.generation = small(words);
    const Bytes mac = bytes(words);
    for (std::size_t i = 0; i < 6 && i < mac.size(); ++i) credentials_.mac.octets[i] = mac[i];
    std::string key;
    words >> key;
    credentials_.key = key_from_hex(key);
    return "ok";
  }

  std::string start(std::istream& words) {
    std::string kind;
    words >> kind;
    joins_ = kind == "join";
    wire::Hello hello;
    hello.wanted_module = {small(words)};
    words >> hello.stream_id;
    return to_hex(joins_ ? join_.start(crypto_, random_, credentials_, hello, out_)
                         : resume_.start(crypto_, random_, credentials_, hello, out_));
  }

  std::string finish(std::istream& words) {
    const Bytes body = bytes(words);
    wire::Welcome welcome;
    const auto status = joins_ ? join_.on_accept(crypto_, view(body), session_, welcome)
                               : resume_.on_accept(crypto_, view(body), session_, welcome);
    if (status != HandshakeStatus::kOk) return name_of(status);
    session_.reserve(1000);
    std::ostringstream text;
    text << "ok " << int{welcome.session} << ' ' << int{welcome.module.value} << ' '
         << welcome.time.ms << ' ' << welcome.zone_minutes << ' ' << int{welcome.generation} << ' '
         << to_hex(welcome.node_key);
    return text.str();
  }

  std::string judge(std::istream& words) {
    const Bytes body = bytes(words);
    const Refusal refusal =
        joins_ ? join_.on_refused(crypto_, view(body)) : resume_.on_refused(crypto_, view(body));
    const char* const worth = refusal.status == RefusalStatus::kProven ? "proven "
                              : refusal.status == RefusalStatus::kHint ? "hint "
                                                                       : "not_ours ";
    return worth + std::to_string(static_cast<int>(refusal.reason));
  }

  std::string read(std::istream& words) {
    std::string kind;
    words >> kind;
    joins_ = kind == "join";
    const Bytes body = bytes(words);
    wire::Hello hello;
    const auto status = joins_ ? join_answer_.read(crypto_, credentials_, view(body), hello)
                               : resume_answer_.read(crypto_, credentials_, view(body), hello);
    if (status != HandshakeStatus::kOk) return name_of(status);
    return "ok " + std::to_string(hello.wanted_module.value) + ' ' +
           std::to_string(hello.stream_id);
  }

  std::string accept(std::istream& words) {
    wire::Welcome welcome;
    welcome.session = small(words);
    welcome.module = {small(words)};
    words >> welcome.time.ms >> welcome.zone_minutes;
    welcome.generation = small(words);
    std::string key;
    words >> key;
    welcome.node_key = key_from_hex(key);
    node_key_ = {};
    const ByteView body = joins_ ? join_answer_.accept(crypto_, random_, welcome, out_, session_)
                                 : resume_answer_.accept(crypto_, random_, welcome, out_, session_);
    session_.reserve(1000);
    if (!body.empty()) node_key_ = welcome.node_key;
    return to_hex(body);
  }

  std::string refuse_packet(std::istream& words) {
    const auto reason = static_cast<wire::RefusedReason>(small(words));
    const Bytes body = bytes(words);
    return to_hex(refuse(crypto_, &credentials_.key, credentials_.mac, view(body), reason, out_));
  }

  std::string seal(std::istream& words) {
    const Bytes plaintext = bytes(words);
    const Sealed sealed = session_.seal(crypto_, Listening::kNo, view(plaintext), out_);
    return sealed.status == SealStatus::kOk ? to_hex(sealed.body) : "not_sealed";
  }

  std::string open(std::istream& words) {
    const Bytes body = bytes(words);
    const Opened opened = session_.open(crypto_, view(body), out_);
    return opened.status == OpenStatus::kOk ? "ok " + to_hex(opened.plaintext)
                                            : name_of(opened.status);
  }

  CryptoSodium crypto_;
  RandomLinux random_;
  Credentials credentials_;
  bool joins_ = true;
  JoinInitiator join_;
  ResumeInitiator resume_;
  JoinResponder join_answer_;
  ResumeResponder resume_answer_;
  Session session_;
  Key node_key_{};  ///< what the last accept() made of the key it sent
  std::array<std::uint8_t, kMaxBodyV2> out_{};
};

}  // namespace
}  // namespace espial::session

int main() {
  espial::session::Peer peer;
  std::string line;
  while (std::getline(std::cin, line)) std::cout << peer.answer(line) << std::endl;
}
