#pragma once

#include <cstdint>
#include <optional>

#include "core/coordinator/records.hpp"
#include "core/port/crypto.hpp"
#include "core/port/random.hpp"
#include "hub/store/changes.hpp"

/// How the coordinator's secrets lie in the database: wrapped, and bound to the row they are in.
namespace espial::features {

/// A node's keys:
///
///     |3|revoked|has|generation|of network key|key[32]|            four keys: its own, the pending
///               |has|generation|of network key|key[32]|...         one, and the former two
///
/// 142 bytes, wrapped. Version 2 had no former keys. Version 1 was
/// |1|has|generation|key[32]|has|generation|pending[32]|, when there was one network key and
/// nothing to revoke.
store::Bytes wrap_node(const coordinator::NodeRecord& record, const Key& wrap_key, Crypto& crypto,
                       Random& random);
/// Fills in keys and revocation for the node `record.mac`.
/// @retval false  another wrapping key, another node's row, or damaged.
[[nodiscard]] bool unwrap_node(const store::Bytes& wrapped, const Key& wrap_key, Crypto& crypto,
                               coordinator::NodeRecord& record);

/// A node's session:
///
///     |stream ID:4|session state[session::Session::kStateSize]|                 wrapped
store::Bytes wrap_session(const coordinator::SessionRecord& record, const Key& wrap_key,
                          Crypto& crypto, Random& random);
/// Fills in `record.state` and `record.stream_id`. The result is as of unwrap_node().
[[nodiscard]] bool unwrap_session(const store::Bytes& wrapped, const Key& wrap_key, Crypto& crypto,
                                  coordinator::SessionRecord& record);

}  // namespace espial::features
