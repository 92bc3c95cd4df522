"""Sections 2 to 4: search, AUTH, SEALED."""

from case import bad, good, readable

ADDRESS = "24:6f:28:aa:bb:cc"
KEY_32 = bytes(range(0x20, 0x40)).hex()
RANDOM_16 = bytes(range(0x40, 0x50)).hex()
TAG_16 = bytes(range(0xF0, 0x100)).hex()

CONNECT = dict(server=7, long_bodies=True, always_listening=True, nonce="01020304")
CONNACK = dict(success=True, server=7, channel=6, rssi_dbm=-61, uplink_ready=True,
               coordinator_alive=True, long_bodies=False, load=9, address=ADDRESS,
               nonce="01020304", tag="a1a2a3a4")
MOVED = dict(server=7, channel=11, after_ms=300, address=ADDRESS, tag="b1b2b3b4")

SEARCH = [
    good("search by a node that always listens", "connect", "10 08 07 01 03 00 01 02 03 04",
         **CONNECT),
    good("search by a sleeper", "connect", "10 08 ff 01 00 00 de ad be ef",
         server=255, long_bodies=False, always_listening=False, nonce="deadbeef"),
    readable("capabilities of a later day are passed over", "connect",
             "10 08 07 01 f3 00 01 02 03 04", **CONNECT),
    bad("connect: nothing at all", "connect", "too_short", ""),
    bad("connect: a header cut in two", "connect", "too_short", "10"),
    bad("connect: cut", "connect", "too_short", "10 08 07 01 03 00 01 02 03"),
    bad("connect: shorter than its picture", "connect", "too_short", "10 07 07 01 03 00 01 02 03"),
    bad("connect: longer than its picture", "connect", "bad_length",
        "10 09 07 01 03 00 01 02 03 04 05"),
    bad("connect: a byte behind the packet", "connect", "bad_length",
        "10 08 07 01 03 00 01 02 03 04 05"),
    bad("connect: short length in the long form", "connect", "not_canonical",
        "10 ff 08 00 07 01 03 00 01 02 03 04"),
    bad("connect: another packet", "connect", "not_ours", "c0 00"),
    bad("connect: S0's pairing byte", "connect", "not_ours", "00 08 07 01 03 00 01 02 03 04"),
    bad("connect: a flag", "connect", "bad_value", "11 08 07 01 03 00 01 02 03 04"),
    bad("connect: version 2", "connect", "bad_version", "10 08 07 02 03 00 01 02 03 04"),
    bad("connect: no server", "connect", "bad_value", "10 08 00 01 03 00 01 02 03 04"),
    bad("connect: the reserved byte", "connect", "bad_value", "10 08 07 01 03 c3 01 02 03 04"),
    good("answer of a gateway", "connack",
         "21 14 07 01 06 c3 03 09 24 6f 28 aa bb cc 01 02 03 04 a1 a2 a3 a4", **CONNACK),
    good("answer of a gateway that leads nowhere", "connack",
         "22 14 07 01 0d 00 04 ff 24 6f 28 aa bb cc 01 02 03 04 a1 a2 a3 a4",
         **dict(CONNACK, success=False, channel=13, rssi_dbm=None, uplink_ready=False,
                coordinator_alive=False, long_bodies=True, load=255)),
    readable("state of a later day is passed over", "connack",
             "21 14 07 01 06 c3 fb 09 24 6f 28 aa bb cc 01 02 03 04 a1 a2 a3 a4", **CONNACK),
    bad("connack: neither success nor failure", "connack", "bad_value",
        "23 14 07 01 06 c3 03 09 24 6f 28 aa bb cc 01 02 03 04 a1 a2 a3 a4"),
    bad("connack: channel 14", "connack", "bad_value",
        "21 14 07 01 0e c3 03 09 24 6f 28 aa bb cc 01 02 03 04 a1 a2 a3 a4"),
    bad("connack: channel 0", "connack", "bad_value",
        "21 14 07 01 00 c3 03 09 24 6f 28 aa bb cc 01 02 03 04 a1 a2 a3 a4"),
    bad("connack: version 0", "connack", "bad_version",
        "21 14 07 00 06 c3 03 09 24 6f 28 aa bb cc 01 02 03 04 a1 a2 a3 a4"),
    bad("connack: cut", "connack", "too_short", "21 14 07 01 06 c3 03 09 24 6f 28 aa bb cc"),
    bad("connack: without its tag", "connack", "too_short",
        "21 10 07 01 06 c3 03 09 24 6f 28 aa bb cc 01 02 03 04"),
    good("channel moved", "moved", "e1 0e 07 0b 2c 01 24 6f 28 aa bb cc b1 b2 b3 b4", **MOVED),
    bad("moved: to channel 200", "moved", "bad_value",
        "e1 0e 07 c8 2c 01 24 6f 28 aa bb cc b1 b2 b3 b4"),
    bad("moved: the inner disconnect", "moved", "bad_value", "e0 01 01"),
    bad("moved: too long", "moved", "bad_length",
        "e1 0f 07 0b 2c 01 24 6f 28 aa bb cc b1 b2 b3 b4 b5"),
]

HELLO = dict(version=1, long_bodies=True, always_listening=False, wanted_module=5,
             receive_limit_log2=13, stream_id=0x01020304)
RESUME_WELCOME = dict(session=3, module=42, unix_time_ms=1700000000123, zone_minutes=-210)
JOIN_WELCOME = dict(RESUME_WELCOME, generation=2, node_key=KEY_32)
HEAD = dict(server=7, key_id="network", generation=0)
SEALED_HELLO = "88" * 8 + TAG_16
SEALED_JOIN_WELCOME = "99" * 45 + TAG_16
SEALED_RESUME_WELCOME = "99" * 12 + TAG_16

AUTH = [
    good("join", "auth", "f1 3b 07 00 00" + KEY_32 + SEALED_HELLO,
         step="join", **HEAD, key=KEY_32, sealed=SEALED_HELLO),
    good("join with a label's key and a longer Hello", "auth", step="join", server=7,
         key_id="label", generation=3, key=KEY_32, sealed="77" * 3 + SEALED_HELLO),
    good("join accepted", "auth", "f2 60 07 00 00" + KEY_32 + SEALED_JOIN_WELCOME,
         step="join_accept", **HEAD, key=KEY_32, sealed=SEALED_JOIN_WELCOME),
    good("resume", "auth", "f3 2b 07 01 ff" + RANDOM_16 + SEALED_HELLO, step="resume", server=7,
         key_id="node", generation=255, key=RANDOM_16, sealed=SEALED_HELLO),
    good("resume accepted", "auth", "f4 2f 07 01 ff" + RANDOM_16 + SEALED_RESUME_WELCOME,
         step="resume_accept", server=7, key_id="node", generation=255, key=RANDOM_16,
         sealed=SEALED_RESUME_WELCOME),
    good("resume between two nodes of a room", "auth", "f3 2b 07 03 09" + RANDOM_16 + SEALED_HELLO,
         step="resume", server=7, key_id="pair", generation=9, key=RANDOM_16, sealed=SEALED_HELLO),
    good("refused, with proof", "auth", "f5 14 07 01 04 07" + TAG_16, step="refused", server=7,
         key_id="node", generation=4, reason="revoked", proof=TAG_16),
    good("refused, a hint", "auth", "f5 14 07 00 00 01" + "00" * 16, step="refused", **HEAD,
         reason="unknown_key", proof="00" * 16),
    bad("auth: header alone", "auth", "too_short", "f1 03 07 00 00"),
    bad("auth: less than a header", "auth", "too_short", "f1 01 07"),
    bad("auth: join without room for a Hello", "auth", "too_short",
        "f1 3a 07 00 00" + KEY_32 + "88" * 7 + TAG_16),
    bad("auth: resume accepted without room for a Welcome", "auth", "too_short",
        "f4 2e 07 01 ff" + RANDOM_16 + "99" * 11 + TAG_16),
    bad("auth: step 0", "auth", "bad_value", "f0 3b 07 00 00" + KEY_32 + SEALED_HELLO),
    bad("auth: step 6", "auth", "bad_value", "f6 3b 07 00 00" + KEY_32 + SEALED_HELLO),
    bad("auth: key ID 4", "auth", "bad_value", "f1 3b 07 04 00" + KEY_32 + SEALED_HELLO),
    bad("auth: no server", "auth", "bad_value", "f1 3b 00 00 00" + KEY_32 + SEALED_HELLO),
    bad("auth: refused for no reason", "auth", "bad_value", "f5 14 07 00 00 00" + TAG_16),
    bad("auth: refused for a reason of a later day", "auth", "bad_value",
        "f5 14 07 00 00 09" + TAG_16),
    bad("auth: refused, too long", "auth", "bad_length", "f5 15 07 00 00 01 00" + TAG_16),
    bad("auth: refused, too short", "auth", "too_short", "f5 04 07 00 00 01"),
    bad("auth: the long form", "auth", "bad_length", "f1 ff ff 00 07 00 00" + "55" * 252),
    good("hello", "hello", "01 01 05 0d 04 03 02 01", **HELLO),
    good("hello of a version to be refused politely", "hello", "02 02 00 00 ff ff ff ff",
         version=2, long_bodies=False, always_listening=True, wanted_module=0,
         receive_limit_log2=0, stream_id=0xFFFFFFFF),
    readable("hello: more of a later day", "hello", "01 fd 05 0d 04 03 02 01 99 99", **HELLO),
    bad("hello: cut", "hello", "too_short", "01 01 05 0d 04 03 02"),
    bad("hello: a receive limit past 24 bits", "hello", "bad_value", "01 01 05 19 04 03 02 01"),
    good("welcome after a resume", "resume_welcome", "03 2a 7b 68 e5 cf 8b 01 00 00 2e ff",
         **RESUME_WELCOME),
    good("welcome without a time", "resume_welcome", "00 ff" + "00" * 8 + "3c 00",
         session=0, module=255, unix_time_ms=0, zone_minutes=60),
    good("welcome to a network with more modules than names", "resume_welcome",
         "03 00 7b 68 e5 cf 8b 01 00 00 2e ff", **{**RESUME_WELCOME, "module": 0}),
    readable("welcome: more of a later day", "resume_welcome",
             "03 2a 7b 68 e5 cf 8b 01 00 00 2e ff 01", **RESUME_WELCOME),
    bad("welcome: cut", "resume_welcome", "too_short", "03 2a 7b 68 e5 cf 8b 01 00 00 2e"),
    bad("welcome: a time before 1970", "resume_welcome", "bad_value",
        "03 2a ff ff ff ff ff ff ff ff 2e ff"),
    good("welcome after a join", "join_welcome", "03 2a 7b 68 e5 cf 8b 01 00 00 2e ff 02" + KEY_32,
         **JOIN_WELCOME),
    bad("welcome after a join: without its key", "join_welcome", "too_short",
        "03 2a 7b 68 e5 cf 8b 01 00 00 2e ff"),
    bad("welcome after a join: a key cut by a byte", "join_welcome", "too_short",
        "03 2a 7b 68 e5 cf 8b 01 00 00 2e ff 02" + KEY_32[:-2]),
]

UP = dict(server=7, session=3, counter=0x1234, down=False, more=False, listening=False, peer=False,
          sealed="cc" * 14 + TAG_16)

SEALED = [
    good("temperature and humidity, sealed: 36 bytes", "sealed",
         "50 22 07 03 34 12" + "cc" * 14 + TAG_16, **UP),
    good("down, more waiting", "sealed", "53 16 01 ff ff ff cc cc" + TAG_16, server=1, session=255,
         counter=65535, down=True, more=True, listening=False, peer=False, sealed="cccc" + TAG_16),
    good("to a node that stays on", "sealed", "55 16 01 00 00 00 cc cc" + TAG_16, server=1,
         session=0, counter=0, down=True, more=False, listening=True, peer=False,
         sealed="cccc" + TAG_16),
    good("between two nodes of a room", "sealed", "58 16 01 09 01 00 cc cc" + TAG_16, server=1,
         session=9, counter=1, down=False, more=False, listening=False, peer=True,
         sealed="cccc" + TAG_16),
    good("the longest short form: 256 bytes", "sealed", "50 fe 07 03 34 12" + "cc" * 234 + TAG_16,
         **dict(UP, sealed="cc" * 234 + TAG_16)),
    good("the shortest long form: 259 bytes", "sealed",
         "50 ff ff 00 07 03 34 12" + "cc" * 235 + TAG_16, **dict(UP, sealed="cc" * 235 + TAG_16)),
    good("a whole body of version 2: 1470 bytes, more waiting", "sealed",
         **dict(UP, down=True, more=True, sealed="cc" * 1446 + TAG_16)),
    bad("sealed: nothing inside", "sealed", "too_short", "50 14 07 03 34 12" + TAG_16),
    bad("sealed: less than a packet inside", "sealed", "too_short", "50 15 07 03 34 12 cc" + TAG_16),
    bad("sealed: cut", "sealed", "too_short", "50 22 07 03 34 12" + "cc" * 14 + TAG_16[:-2]),
    bad("sealed: a byte behind it", "sealed", "bad_length",
        "50 22 07 03 34 12" + "cc" * 14 + TAG_16 + "00"),
    bad("sealed: no server", "sealed", "bad_value", "50 16 00 03 34 12 cc cc" + TAG_16),
    bad("sealed: short length in the long form", "sealed", "not_canonical",
        "50 ff fe 00 07 03 34 12" + "cc" * 234 + TAG_16),
    bad("sealed: length 0 in the long form", "sealed", "not_canonical",
        "50 ff 00 00 07 03 34 12" + "cc" * 234 + TAG_16),
    bad("sealed: a long header cut in two", "sealed", "too_short", "50 ff ff"),
    bad("sealed: another packet", "sealed", "not_ours", "f5 14 07 00 00 01" + "00" * 16),
]

FILES = {"search": SEARCH, "auth": AUTH, "sealed": SEALED}
