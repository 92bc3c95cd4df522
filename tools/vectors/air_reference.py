"""The air protocol's packets, written down a second time.

This is protocol/air.md turned into Python and nothing else: it shares no code and no table with
core/wire, so that a mistake there has to be made twice to stay unseen. It only encodes.
"""

import struct

CONNECT, CONNACK, PUBLISH, PUBACK, SEALED, FRAGMENT, FRAGACK = 1, 2, 3, 4, 5, 6, 7
SUBSCRIBE, SUBACK, PINGREQ, PINGRESP, DISCONNECT, AUTH = 8, 9, 12, 13, 14, 15

AUTH_STEPS = {"join": 1, "join_accept": 2, "resume": 3, "resume_accept": 4, "refused": 5}
KEY_IDS = {"network": 0, "node": 1, "label": 2, "pair": 3}
REFUSED_REASONS = {
    "unknown_key": 1, "waiting_for_approval": 2, "pairing_closed": 3, "module_id_taken": 4,
    "busy": 5, "version": 6, "revoked": 7, "closed_by_server": 8,
}
OUTCOMES = {"executed": 0, "refused": 1, "expired": 2}
END_REASONS = {"leaving": 1, "session_over": 2, "revoked": 3, "key_changed": 4}
RESET_REASONS = {"other": 0, "power": 1, "software": 2, "watchdog": 3, "deep_sleep": 4,
                 "brown_out": 5}
FRAGACK_CODES = {"receiving": 0, "complete": 1, "too_long": 2, "busy": 3}
STREAMS = {"readings": 0, "events": 1}


def u(value, size):
    return value.to_bytes(size, "little")


def i(value, size):
    return value.to_bytes(size, "little", signed=True)


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def varint(value):
    out = bytearray()
    while True:
        low, value = value & 0x7F, value >> 7
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


def flags(*bits):
    return sum(1 << index for index, bit in enumerate(bits) if bit)


def packet(kind, low_nibble, payload):
    first = bytes([kind << 4 | low_nibble])
    if len(payload) < 255:
        return first + bytes([len(payload)]) + payload
    return first + b"\xff" + u(len(payload) if len(payload) <= 0xFFFF else 0, 2) + payload


# Section 2: search

def connect(f):
    return packet(CONNECT, 0, bytes([
        f["server"], 1, flags(f["long_bodies"], f["always_listening"]), 0,
    ]) + bytes.fromhex(f["nonce"]))


def connack(f):
    state = flags(f["uplink_ready"], f["coordinator_alive"], f["long_bodies"])
    return packet(CONNACK, 1 if f["success"] else 2, b"".join([
        u(f["server"], 1), u(1, 1), u(f["channel"], 1), i(f["rssi_dbm"] or 0, 1), u(state, 1),
        u(f["load"], 1), mac(f["address"]), bytes.fromhex(f["nonce"]), bytes.fromhex(f["tag"]),
    ]))


def moved(f):
    return packet(DISCONNECT, 1, b"".join([
        u(f["server"], 1), u(f["channel"], 1), u(f["after_ms"], 2), mac(f["address"]),
        bytes.fromhex(f["tag"]),
    ]))


# Section 3: AUTH

def auth(f):
    head = bytes([f["server"], KEY_IDS[f["key_id"]], f["generation"]])
    if f["step"] == "refused":
        rest = bytes([REFUSED_REASONS[f["reason"]]]) + bytes.fromhex(f["proof"])
    else:
        rest = bytes.fromhex(f["key"]) + bytes.fromhex(f["sealed"])
    return packet(AUTH, AUTH_STEPS[f["step"]], head + rest)


def hello(f):
    return bytes([
        f["version"], flags(f["long_bodies"], f["always_listening"]), f["wanted_module"],
        f["receive_limit_log2"],
    ]) + u(f["stream_id"], 4)


def resume_welcome(f):
    return b"".join([
        u(f["session"], 1), u(f["module"], 1), u(f["unix_time_ms"], 8), i(f["zone_minutes"], 2),
    ])


def join_welcome(f):
    return b"".join([
        resume_welcome(f), u(f["generation"], 1), bytes.fromhex(f["node_key"]),
        bytes.fromhex(f.get("discovery_key", "")),
    ])


# Section 4: SEALED

def sealed(f):
    low = flags(f["down"], f["more"], f["listening"], f["peer"])
    return packet(SEALED, low, b"".join([
        u(f["server"], 1), u(f["session"], 1), u(f["counter"], 2), bytes.fromhex(f["sealed"]),
    ]))


def associated_data(f):
    whole = sealed(dict(f, more=False))
    return whole[:len(whole) - len(f["sealed"]) // 2]


def packets(f):
    return b"".join(packet(p["type"], p["flags"], bytes.fromhex(p["payload"]))
                    for p in f["packets"])


# Sections 5 and 6: readings, reports, commands

def reading(f):
    value = bytes.fromhex(f["value"])
    if len(value) < 15:
        return bytes([f["slot"] << 4 | len(value), f["kind"]]) + value
    return bytes([f["slot"] << 4 | 15, len(value), f["kind"]]) + value


def report(f):
    low = (2 if f["acknowledged"] else 0) | STREAMS[f["stream"]]
    numbers = u(f["sequence"], 2) + varint(f["held"]) if f["acknowledged"] else b""
    return packet(PUBLISH, low, numbers + varint(f["age_ms"]) +
                  b"".join(reading(r) for r in f["readings"]))


def bitmap(value):
    return value.to_bytes((value.bit_length() + 7) // 8, "little")


def stored(f):
    return packet(PUBACK, STREAMS[f["stream"]], u(f["floor"], 2) + bitmap(f["bitmap"]))


def command(f):
    return packet(PUBLISH, 2, u(f["id"], 4) + u(f["expiry_s"], 4) + reading(f["reading"]))


def command_end(f):
    return packet(PUBACK, 0, u(f["id"], 4) + bytes([OUTCOMES[f["outcome"]]]))


# Section 7: small packets

def function(f):
    return bytes([f["slot"] | f["accepts_commands"] << 4 | f["reports"] << 5, f["kind"]])


PROPERTIES = {
    "functions": (1, lambda v: b"".join(function(f) for f in v)),
    "firmware": (2, lambda v: v.encode()),
    "name": (3, lambda v: v.encode()),
    "report_interval_s": (4, lambda v: u(v, 2)),
    "reset_reason": (5, lambda v: bytes([RESET_REASONS[v]])),
    "dropped": (6, lambda v: u(v, 4)),
    "chip": (7, lambda v: v.encode()),
    "config_id": (8, lambda v: u(v, 4)),
    "slots": (9, lambda v: u(v, 2)),
    "max_airtime_permille": (10, lambda v: u(v, 2)),
    "schedule": (11, lambda v: u(v["slot"], 1) + b"".join(
        u(minute, 2) + i(set_point, 2) for minute, set_point in v["points"])),
}


def properties(f):
    out = b""
    for name, value in f.items():
        number, encode = PROPERTIES[name]
        out += bytes([number, len(encode(value))]) + encode(value)
    return out


def description(f):
    return packet(CONNECT, 0, properties(f))


def assignment(f):
    said = {name: value for name, value in f.items() if name != "described"}
    return packet(CONNACK, 1 if f.get("described", True) else 2, properties(said))


def ping_request(_):
    return packet(PINGREQ, 0, b"")


def ping_response(f):
    return packet(PINGRESP, 0, u(f["unix_time_ms"], 8) + i(f["zone_minutes"], 2))


def session_end(f):
    return packet(DISCONNECT, 0, bytes([END_REASONS[f["reason"]]]))


# Section 8: rooms and long packets

def subscribe(f):
    role = {"subscriber": 0, "provider": 1}[f["role"]]
    return packet(SUBSCRIBE, role, bytes([f["request"], f["slot"], f["kind"], f["peer_slot"]]) +
                  mac(f["peer"]))


def suback(f):
    role = {"subscriber": 0, "provider": 1}[f["role"]]
    out = bytes([f["request"], role, f["slot"], f["peer_slot"], f["kind"]])
    if f["success"]:
        out += bytes([f["peer_session"]]) + mac(f["peer"]) + bytes.fromhex(f["pair_key"])
    return packet(SUBACK, 1 if f["success"] else 2, out)


def fragment(f):
    return packet(FRAGMENT, 0, u(f["message"], 2) + u(f["offset"], 3) + u(f["total"], 3) +
                  bytes.fromhex(f["bytes"]))


def fragack(f):
    return packet(FRAGACK, FRAGACK_CODES[f["code"]], u(f["message"], 2) + u(f["unit"], 2) +
                  u(f["floor"], 2) + bitmap(f["bitmap"]))


# Section 5: values. The widths are those of protocol/kinds.json, the arithmetic is not.

WIDTHS = {"i8": (1, True), "u8": (1, False), "i16": (2, True), "u16": (2, False),
          "i32": (4, True), "u32": (4, False), "bool": (1, False)}


def field_value(field, value):
    if field["type"] == "text":
        return value.encode()
    size, signed = WIDTHS[field["type"]]
    none = -(1 << (8 * size - 1)) if signed else (1 << (8 * size)) - 1
    number = none if value is None else round(value / field.get("scale", 1))
    return number.to_bytes(size, "little", signed=signed)


def value(kinds, f):
    kind = next(k for k in kinds if k["name"] == f["kind"])
    return b"".join(field_value(field, v) for field, v in zip(kind["fields"], f["values"]))


# Section 9: S0's structs, as a compiler lays them out

def s0_pairing(f):
    slots = f["functions"] + [[255, 255, 255]] * (12 - len(f["functions"]))
    columns = [bytes(column) for column in zip(*slots)]
    return struct.pack("<BBB6sB12s12s12s", 0, f["server"], f["id"], mac(f["address"]),
                       f["channel"], *columns)


def s0_values(f):
    floats = [float("nan") if value is None else value for value in f["f"]]
    return struct.pack("<BBB5B5f8s", 2 if f["set_points"] else 1, f["function"], f["type"],
                       *f["u"], *floats, bytes.fromhex(f["sensor"]))


def s0_ping(f):
    return struct.pack("<Bxxxi", 3, f["number"])


def s0_reset(f):
    return struct.pack("<BB", 4, f["server"])
