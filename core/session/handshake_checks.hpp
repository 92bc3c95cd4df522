#pragma once

#include "core/session/handshake.hpp"
#include "core/wire/auth.hpp"

namespace espial::session {

/// What join.cpp and resume.cpp share; not for other rooms.

/// Room for whatever was sealed in an AUTH packet.
using HandshakePlaintext = std::array<std::uint8_t, kMaxAuthSize>;

/// The header of a packet of this handshake.
wire::AuthHeader header_of(const Credentials& credentials, wire::AuthStep step);

/// The checks that need no key: length, then ours. Fills `frame` for kOk.
HandshakeStatus examine(const Credentials& credentials, wire::AuthStep step, ByteView body,
                        wire::AuthFrame& frame);

/// Writes the header of a JOIN or RESUME whose `rest` bytes follow, and its Hello to `payload`.
/// @retval false  one of them is not sane, or `out` is too small.
[[nodiscard]] bool ask(const Credentials& credentials, wire::AuthStep step,
                       const wire::Hello& hello, std::size_t rest, MutableByteView payload,
                       MutableByteView out);

/// Reads an opened Hello or Welcome: kOk or kMalformed.
HandshakeStatus take_hello(ByteView plaintext, wire::Hello& hello);
HandshakeStatus take_welcome(ByteView plaintext, wire::AuthStep step, wire::Welcome& welcome);

/// The session that a finished handshake leads to.
void begin_session(Side side, const Credentials& credentials, std::uint8_t id,
                   const SessionKeys& keys, Session& session);

/// Judges a REFUSED of the packet that held `challenge`.
Refusal judge(Crypto& crypto, const Credentials& credentials, ByteView challenge, ByteView body);

}  // namespace espial::session
