#pragma once

#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"

namespace espial::gateway {

/// The way from a gateway to its coordinators and to applications: MQTT in the home, a function
/// call in the pocket server. Nothing here calls back before it returns.
class Uplink {
 public:
  virtual ~Uplink() = default;

  /// Topic `…/up/<gateway>/<mac>`. `held` is how long the frame waited in the gateway.
  /// @retval true   taken: it will arrive, or this gateway restarts.
  /// @retval false  no room or no connection; the gateway keeps it and offers it again.
  [[nodiscard]] virtual bool publish_up(ServerId server, const MacAddress& mac, ByteView body,
                                        std::optional<std::int8_t> rssi_dbm, Channel channel,
                                        Duration held) = 0;

  /// Topic `/device/<mac>`. The result is as of publish_up().
  [[nodiscard]] virtual bool publish_device(const MacAddress& mac, ByteView body,
                                            std::optional<std::int8_t> rssi_dbm,
                                            Channel channel) = 0;
};

}  // namespace espial::gateway
