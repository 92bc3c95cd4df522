"""Sections 4, 7 and 8: several packets under one seal, small packets, rooms, long packets."""

from case import bad, good, readable


def inner(kind, flags, payload):
    return dict(type=kind, flags=flags, payload=payload)


PACKETS = [
    good("one packet", "packets", "c0 00", packets=[inner(12, 0, "")]),
    good("a report, the end of a command and a question", "packets",
         "30 05 00 02 01 73 08 40 05 0a 00 00 00 00 c0 00",
         packets=[inner(3, 0, "0002017308"), inner(4, 0, "0a00000000"), inner(12, 0, "")]),
    good("a long one and a short one", "packets",
         "60 ff ff 00" + "ab" * 255 + "c0 00",
         packets=[inner(6, 0, "ab" * 255), inner(12, 0, "")]),
    bad("packets: none", "packets", "too_short", ""),
    bad("packets: the second is cut", "packets", "too_short", "c0 00 d0 0a 00"),
    bad("packets: half a header behind", "packets", "too_short", "c0 00 c0"),
    bad("packets: a type nobody has", "packets", "not_ours", "c0 00 a0 00"),
    bad("packets: a type nobody has either", "packets", "not_ours", "b0 00"),
    bad("packets: S0's high nibble", "packets", "not_ours", "00 00"),
    bad("packets: an envelope in an envelope", "packets", "not_ours",
        "50 16 01 00 00 00 cc cc" + "00" * 16),
    bad("packets: a join in an envelope", "packets", "not_ours", "f5 01 07"),
    bad("packets: short length in the long form", "packets", "not_canonical", "c0 ff 00 00"),
]

LAMP = dict(slot=0, kind=5, accepts_commands=True, reports=True)
BUTTON = dict(slot=11, kind=6, accepts_commands=False, reports=True)
BATTERY = dict(slot=15, kind=9, accepts_commands=False, reports=True)
WHAT_I_AM = dict(functions=[LAMP, BUTTON, BATTERY], firmware="0.1.0", reset_reason="power",
                 dropped=0x01020304, chip="esp32")

SESSION = [
    good("what a lamp with a button is", "description",
         "10 1f 01 06 30 05 2b 06 2f 09 02 05 30 2e 31 2e 30 05 01 01 06 04 04 03 02 01"
         "07 05 65 73 70 33 32", **WHAT_I_AM),
    good("nothing to say", "description", "10 00"),
    good("the longest texts", "description", firmware="f" * 32, name="n" * 29, chip="c" * 16),
    good("a module without functions", "description", "10 02 01 00", functions=[]),
    readable("properties in another order", "description",
             "10 0e 07 05 65 73 70 33 32 02 05 30 2e 31 2e 30",
             firmware="0.1.0", chip="esp32"),
    readable("a property of a later day is passed over", "description",
             "10 0a 63 03 01 02 03 05 01 04 63 00", reset_reason="deep_sleep"),
    readable("function bits of a later day are passed over", "description", "10 04 01 02 f0 05",
             functions=[LAMP]),
    bad("description: a property without its length", "description", "too_short", "10 01 02"),
    bad("description: a property cut", "description", "too_short", "10 04 02 05 30 2e"),
    bad("description: half a function", "description", "bad_length", "10 05 01 03 30 05 2b"),
    bad("description: fourteen functions", "description", "bad_length",
        "10 1e 01 1c" + "30 05" * 14),
    bad("description: two functions at one slot", "description", "bad_value",
        "10 06 01 04 30 05 20 06"),
    bad("description: a function at slot 12", "description", "bad_value", "10 04 01 02 2c 06"),
    bad("description: a function of kind 0", "description", "bad_value", "10 04 01 02 2b 00"),
    bad("description: firmware of 33 bytes", "description", "bad_length", "10 23 02 21" + "66" * 33),
    bad("description: chip of 17 bytes", "description", "bad_length", "10 13 07 11" + "63" * 17),
    bad("description: a reset for reason 6", "description", "bad_value", "10 03 05 01 06"),
    bad("description: dropped in three bytes", "description", "bad_length", "10 05 06 03 01 02 03"),
    bad("description: the chip twice", "description", "bad_value", "10 06 07 01 61 07 01 61"),
    bad("description: a flag", "description", "bad_value", "11 00"),
    good("what you shall be", "assignment", "21 0a 03 04 53 61 6c 6f 04 02 3c 00",
         name="Salo", report_interval_s=60),
    good("a name in Russian", "assignment", "21 0c 03 0a d0 9a d1 83 d1 85 d0 bd d1 8f",
         name="Кухня"),
    bad("assignment: a name of 30 bytes", "assignment", "bad_length", "21 20 03 1e" + "6e" * 30),
    bad("assignment: a name that is no UTF-8", "assignment", "bad_value", "21 04 03 02 ff fe"),
    bad("assignment: a surrogate", "assignment", "bad_value", "21 05 03 03 ed a0 80"),
    bad("assignment: an interval in one byte", "assignment", "bad_length", "21 03 04 01 3c"),
    bad("assignment: failure", "assignment", "bad_value", "22 00"),
    good("I am here, what time is it", "ping_request", "c0 00"),
    bad("ping request: with a byte", "ping_request", "bad_length", "c0 01 00"),
    bad("ping request: a flag", "ping_request", "bad_value", "c1 00"),
    good("the time", "ping_response", "d0 0a 7b 68 e5 cf 8b 01 00 00 78 00",
         unix_time_ms=1700000000123, zone_minutes=120),
    good("nobody knows the time", "ping_response", "d0 0a" + "00" * 8 + "00 00", unix_time_ms=0,
         zone_minutes=0),
    bad("ping response: without a zone", "ping_response", "too_short",
        "d0 08 7b 68 e5 cf 8b 01 00 00"),
    bad("ping response: too long", "ping_response", "bad_length",
        "d0 0b 7b 68 e5 cf 8b 01 00 00 78 00 00"),
    bad("ping response: before 1970", "ping_response", "bad_value", "d0 0a" + "ff" * 8 + "78 00"),
    good("leaving", "session_end", "e0 01 01", reason="leaving"),
    good("the key changed", "session_end", "e0 01 04", reason="key_changed"),
    bad("session end: no reason", "session_end", "too_short", "e0 00"),
    bad("session end: reason 0", "session_end", "bad_value", "e0 01 00"),
    bad("session end: reason 5", "session_end", "bad_value", "e0 01 05"),
    bad("session end: too long", "session_end", "bad_length", "e0 02 01 01"),
    bad("session end: channel moved", "session_end", "bad_value",
        "e1 0e 07 0b 2c 01 24 6f 28 aa bb cc b1 b2 b3 b4"),
]

PAIR_KEY = bytes(range(0x60, 0x80)).hex()
BOUND = dict(success=True, request=1, role="provider", slot=0, peer_slot=11, kind=5,
             peer_session=200, peer="24:6f:28:00:11:22", pair_key=PAIR_KEY)

ROOMS = [
    good("bind my slot 11 to any LED", "subscribe", "80 0a 01 0b 05 00 00 00 00 00 00 00",
         request=1, slot=11, kind=5, provider="00:00:00:00:00:00"),
    good("bind to this one", "subscribe", "80 0a ff 00 fe 00 24 6f 28 00 11 22", request=255,
         slot=0, kind=254, provider="24:6f:28:00:11:22"),
    bad("subscribe: slot 12", "subscribe", "bad_value", "80 0a 01 0c 05 00 00 00 00 00 00 00"),
    bad("subscribe: kind 255", "subscribe", "bad_value", "80 0a 01 0b ff 00 00 00 00 00 00 00"),
    bad("subscribe: the reserved byte", "subscribe", "bad_value",
        "80 0a 01 0b 05 01 00 00 00 00 00 00"),
    bad("subscribe: cut", "subscribe", "too_short", "80 09 01 0b 05 00 00 00 00 00 00"),
    good("bound", "suback", "91 2c 01 01 00 0b 05 c8 24 6f 28 00 11 22" + PAIR_KEY, **BOUND),
    good("nobody offers it", "suback", "92 05 01 00 0b 00 05", success=False, request=1,
         role="subscriber", slot=11, peer_slot=0, kind=5),
    bad("suback: success without a key", "suback", "too_short", "91 05 01 00 0b 00 05"),
    bad("suback: failure with a key", "suback", "bad_length",
        "92 2c 01 01 00 0b 05 c8 24 6f 28 00 11 22" + PAIR_KEY),
    bad("suback: code 0", "suback", "bad_value", "90 05 01 00 0b 00 05"),
    bad("suback: role 2", "suback", "bad_value", "92 05 01 02 0b 00 05"),
    bad("suback: peer slot 13", "suback", "bad_value", "92 05 01 00 0b 0d 05"),
]

FRAGMENTS = [
    good("the first part", "fragment", "60 0b 01 02 00 00 00 e8 03 00 aa bb cc", message=0x0201,
         offset=0, total=1000, bytes="aabbcc"),
    good("the last byte of the longest", "fragment", "60 09 ff ff fe ff ff ff ff ff 7e",
         message=65535, offset=0xFFFFFE, total=0xFFFFFF, bytes="7e"),
    good("a part in the long form", "fragment", message=1, offset=1400, total=4200,
         bytes="5a" * 1400),
    bad("fragment: no bytes", "fragment", "too_short", "60 08 01 02 00 00 00 e8 03 00"),
    bad("fragment: past its end", "fragment", "bad_value",
        "60 0b 01 02 e6 03 00 e8 03 00 aa bb cc"),
    bad("fragment: begins behind its end", "fragment", "bad_value",
        "60 09 01 02 ff ff ff e8 03 00 aa"),
    bad("fragment: a flag", "fragment", "bad_value", "61 09 01 02 00 00 00 e8 03 00 aa"),
    good("two parts here, the fourth too", "fragack", "70 07 01 02 c8 00 02 00 01", code="receiving",
         message=0x0201, unit=200, floor=2, bitmap=1),
    good("complete", "fragack", "71 06 01 02 c8 00 05 00", code="complete", message=0x0201,
         unit=200, floor=5, bitmap=0),
    good("too long for me", "fragack", "72 06 01 02 c8 00 00 00", code="too_long", message=0x0201,
         unit=200, floor=0, bitmap=0),
    good("busy with another", "fragack", "73 06 01 02 c8 00 00 00", code="busy", message=0x0201,
         unit=200, floor=0, bitmap=0),
    bad("fragack: code 4", "fragack", "bad_value", "74 06 01 02 c8 00 05 00"),
    bad("fragack: parts of no size", "fragack", "bad_value", "70 06 01 02 00 00 05 00"),
    bad("fragack: no floor", "fragack", "too_short", "70 04 01 02 c8 00"),
    bad("fragack: five bytes of bitmap", "fragack", "bad_length",
        "70 0b 01 02 c8 00 02 00 01 02 03 04 05"),
]

FILES = {"packets": PACKETS, "session": SESSION, "rooms": ROOMS, "fragments": FRAGMENTS}
