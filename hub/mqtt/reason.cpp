#include "hub/mqtt/reason.hpp"

#include <algorithm>
#include <array>

namespace espial::mqtt {
namespace {

struct Text {
  Reason reason;
  std::string_view text;
};

constexpr std::array kTexts{
    Text{Reason::kSuccess, "success"},
    Text{Reason::kGrantedQos1, "granted with QoS 1"},
    Text{Reason::kGrantedQos2, "granted with QoS 2"},
    Text{Reason::kDisconnectWithWill, "disconnected, last will to be published"},
    Text{Reason::kNoMatchingSubscribers, "nobody subscribes to this topic"},
    Text{Reason::kNoSubscriptionExisted, "there was no such subscription"},
    Text{Reason::kContinueAuthentication, "authentication goes on"},
    Text{Reason::kReauthenticate, "authentication begins again"},
    Text{Reason::kUnspecifiedError, "refused without a reason"},
    Text{Reason::kMalformedPacket, "a packet could not be read"},
    Text{Reason::kProtocolError, "a packet was not allowed there"},
    Text{Reason::kImplementationSpecificError, "valid, but not accepted by the broker"},
    Text{Reason::kUnsupportedProtocolVersion, "the broker does not speak MQTT 5"},
    Text{Reason::kClientIdNotValid, "the client ID is not accepted"},
    Text{Reason::kBadUserNameOrPassword, "wrong user name or password"},
    Text{Reason::kNotAuthorized, "not authorized"},
    Text{Reason::kServerUnavailable, "the broker is not available"},
    Text{Reason::kServerBusy, "the broker is busy"},
    Text{Reason::kBanned, "banned by the broker"},
    Text{Reason::kServerShuttingDown, "the broker is shutting down"},
    Text{Reason::kBadAuthenticationMethod, "the authentication method is not supported"},
    Text{Reason::kKeepAliveTimeout, "nothing was heard for longer than the keep-alive"},
    Text{Reason::kSessionTakenOver, "another client connected with the same client ID"},
    Text{Reason::kTopicFilterInvalid, "the topic filter is not accepted"},
    Text{Reason::kTopicNameInvalid, "the topic name is not accepted"},
    Text{Reason::kPacketIdInUse, "the packet identifier is in use"},
    Text{Reason::kPacketIdNotFound, "the packet identifier is not known"},
    Text{Reason::kReceiveMaximumExceeded, "more unacknowledged messages than agreed"},
    Text{Reason::kTopicAliasInvalid, "the topic alias is not valid"},
    Text{Reason::kPacketTooLarge, "a packet was larger than agreed"},
    Text{Reason::kMessageRateTooHigh, "too many messages in too short a time"},
    Text{Reason::kQuotaExceeded, "a quota is used up"},
    Text{Reason::kAdministrativeAction, "ended by an administrator"},
    Text{Reason::kPayloadFormatInvalid, "the payload is not what was stated"},
    Text{Reason::kRetainNotSupported, "the broker does not retain messages"},
    Text{Reason::kQosNotSupported, "the broker does not support this QoS"},
    Text{Reason::kUseAnotherServer, "another broker is to be used for now"},
    Text{Reason::kServerMoved, "the broker has moved"},
    Text{Reason::kSharedSubscriptionsNotSupported, "shared subscriptions are not supported"},
    Text{Reason::kConnectionRateExceeded, "too many connections in too short a time"},
    Text{Reason::kMaximumConnectTime, "the longest time for one connection is over"},
    Text{Reason::kSubscriptionIdsNotSupported, "subscription identifiers are not supported"},
    Text{Reason::kWildcardSubscriptionsNotSupported, "wildcard subscriptions are not supported"},
};

}  // namespace

std::string_view reason_text(Reason reason) {
  const auto* found = std::find_if(kTexts.begin(), kTexts.end(),
                                   [reason](const Text& text) { return text.reason == reason; });
  return found == kTexts.end() ? "unknown reason" : found->text;
}

}  // namespace espial::mqtt
