#pragma once

#include <cstdint>
#include <string_view>

namespace espial::station {

/// Why the dashboard's API says no, or what is wrong: the `code` beside each English sentence, so
/// that pages can say it in their own language and scripts can rely on it. `hub/http/openapi.yaml`
/// lists them; they are added to and never renamed.
enum class Problem : std::uint8_t {
  // The request itself.
  kBadRequest,
  kBadAddress,
  kNotFound,
  kWrongMethod,
  kBadQuery,
  kBadBody,
  kBodyTooLarge,
  kHeaderTooLarge,
  kNotJson,
  kWrongHost,
  kForeignPage,
  kTooManyPages,
  // What it names.
  kNoSuchDevice,
  kNoSuchFunction,
  kNoSuchField,
  // Names.
  kNameEmpty,
  kNameTooLong,
  kNameSeparator,
  kNameNotPrintable,
  kNameNotUtf8,
  kNameTaken,
  // Commands.
  kTakesNoCommands,
  kWrongField,
  kBadValue,
  kDeviceOffline,
  kNeverJoined,
  kRevoked,
  kTooLate,
  kDeviceBusy,
  kStillOnline,
  kOtherProtocol,
  kHubBusy,
  kBrokerBusy,
  // The store.
  kStoreBusy,
  kNotStoredYet,
  kStoreLocked,
  kStoreFull,
  kStoreIo,
  kStoreReadOnly,
  kStoreCorrupt,
  kStoreTooNew,
  kStoreAway,
  kStoreDenied,
  kStoreUntrusted,
  kStoreFailed,
  kNetworkStopped,
  // Keys.
  kAlreadyJoined,
  kNoRoom,
  kKeyChanging,
  kKeyNotKept,
  kBadLabel,
  // Who asks.
  kLoginNeeded,
  kForbidden,
  kWrongPassword,
  kTooManyAttempts,
  kSetupLink,
  kAccountName,
  kAccountTaken,
  kNoSuchAccount,
  kWeakPassword,
  kAccountsFull,
  kLastAdmin,
  kNumber,
};

/// The code on the wire: "name_taken".
std::string_view code_of(Problem problem);

}  // namespace espial::station
