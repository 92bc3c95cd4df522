"""Writes protocol/vectors/session_crypto.json from espial_session.py, which knows nothing of core/.

usage: session_vectors.py [--check]     with --check: only says whether the file is what it would write
"""
import json
import pathlib
import sys

import espial_session as air

FILE = pathlib.Path(__file__).resolve().parents[2] / "protocol" / "vectors" / "session_crypto.json"
MAC = bytes.fromhex("246f28aabbcc")
SERVER = 7


def run(first, size):
    """Recognisable bytes: first, first + 1, ..."""
    return bytes((first + i) & 0xff for i in range(size))


def discovery():
    network_key = run(0x10, 32)
    key = air.discovery_key(network_key, SERVER)
    connack = air.packet(2, 1, bytes([SERVER, 1, 6, 0xc4, 3, 9]) + bytes.fromhex("266f28010203") + run(0xa0, 4) + bytes(4))[:18]
    moved = air.packet(14, 1, bytes([SERVER, 11]) + bytes.fromhex("f401") + bytes.fromhex("266f28010203") + bytes(4))[:12]
    return {"network_key": network_key, "server": SERVER, "discovery_key": key, "mac": MAC,
            "connack": connack + air.connack_tag(key, connack, MAC), "moved": moved + air.moved_tag(key, moved)}


def join():
    parties = air.Parties(SERVER, air.NETWORK, 0, MAC, run(0x10, 32))
    node_secret, coordinator_secret = run(0x30, 32), run(0x50, 32)
    node, coordinator = air.Noise(parties, True, node_secret), air.Noise(parties, False, coordinator_secret)
    hello = air.hello(wanted_module=12, capabilities=3, receive_limit=11, stream_id=0x11223344)
    sent_key = run(0x70, 32)
    welcome = air.welcome(5, 12, 1700000000123, -90, 1, sent_key)
    join_body, _ = node.write(air.JOIN, hello)
    assert coordinator.read(join_body)[0] == hello
    accept_body, (uplink, downlink) = coordinator.write(air.JOIN_ACCEPT, welcome)
    assert node.read(accept_body) == (welcome, (uplink, downlink))
    assert node.node_key(sent_key) == coordinator.node_key(sent_key)
    return {"server": SERVER, "key_id": parties.key_id, "generation": parties.generation, "mac": MAC, "key": parties.key,
            "prologue": parties.prologue, "node_secret": node_secret, "coordinator_secret": coordinator_secret,
            "hello": hello, "welcome": welcome, "join": join_body, "join_accept": accept_body,
            "uplink_key": uplink, "downlink_key": downlink, "node_key": node.node_key(sent_key)}


def resume():
    parties = air.Parties(SERVER, air.NODE, 1, MAC, run(0x70, 32))
    node_random, coordinator_random = run(0x90, 16), run(0xb0, 16)
    hello = air.hello(capabilities=1, receive_limit=13, stream_id=0xcafe0001)
    welcome = air.welcome(6, 12, 1700000600000, 120)
    uplink, downlink = air.resume_keys(parties, node_random, coordinator_random)
    return {"server": SERVER, "key_id": parties.key_id, "generation": parties.generation, "mac": MAC, "key": parties.key,
            "node_random": node_random, "coordinator_random": coordinator_random, "hello": hello, "welcome": welcome,
            "resume": air.resume(parties, node_random, hello),
            "resume_accept": air.resume_accept(parties, node_random, coordinator_random, welcome),
            "uplink_key": uplink, "downlink_key": downlink}


def pair():
    """A button and its lamp (section 8): it is pressed, the lamp says that it is on, the button ends the bond."""
    subscriber, provider = (run(0x70, 32), MAC, 2), (run(0xc0, 32), bytes.fromhex("246f28aabbdd"), 1)
    peer_session = subscriber[2] << 4 | provider[2]
    parties = air.Parties(SERVER, air.PAIR, peer_session, MAC, air.pair_key(SERVER, subscriber, provider))
    subscriber_random, provider_random = run(0x21, 16), run(0x41, 16)
    hello = air.hello(stream_id=0x0badcafe)
    welcome = air.welcome(peer_session, 0, 86400123)
    uplink, downlink = air.resume_keys(parties, subscriber_random, provider_random)
    press, pressed, leaving = (bytes.fromhex(text) for text in ("320b 01000000 00000000 110401", "4005 01000000 00", "e00101"))

    def frame(side, counter, plaintext):
        down = air.DOWN if side == "provider" else 0
        key = downlink if down else uplink
        body = air.seal(key, SERVER, peer_session, counter, air.PEER | air.LISTENING | down, plaintext)
        return {"side": side, "counter": str(counter), "plaintext": plaintext, "body": body}

    return {"server": SERVER, "key_id": parties.key_id, "generation": parties.generation, "mac": MAC, "key": parties.key,
            "subscriber_key": subscriber[0], "subscriber_slot": subscriber[2], "provider_key": provider[0],
            "provider_mac": provider[1], "provider_slot": provider[2],
            "node_random": subscriber_random, "coordinator_random": provider_random, "hello": hello, "welcome": welcome,
            "resume": air.resume(parties, subscriber_random, hello),
            "resume_accept": air.resume_accept(parties, subscriber_random, provider_random, welcome),
            "uplink_key": uplink, "downlink_key": downlink,
            "frames": [frame("subscriber", 0, press), frame("provider", 0, pressed), frame("subscriber", 1, leaving)]}


def refused(of):
    parties = air.Parties(of["server"], of["key_id"], of["generation"], of["mac"], of["key"])
    body = of["join"] if "join" in of else of["resume"]
    return {**{name: of[name] for name in ("server", "key_id", "generation", "mac", "key")},
            "refused_packet": body, "reason": 3, "refused": parties.refused(3, body)}


def sealed(name, side, counter, flags, plaintext, keys):
    key = keys["downlink_key"] if flags & air.DOWN else keys["uplink_key"]
    return {"name": name, "side": side, "server": SERVER, "session": 5, "counter": str(counter), "listening": bool(flags & air.LISTENING),
            "more": bool(flags & air.MORE), "plaintext": plaintext, "body": air.seal(key, SERVER, 5, counter, flags, plaintext)}


def vectors():
    joined, resumed = join(), resume()
    ping = bytes.fromhex("c000")
    return {
        "about": "Golden examples of sections 2 to 4 of air.md. Bytes are hex; counters are decimal texts, for they have 64 bits.",
        "discovery": discovery(),
        "join": joined,
        "resume": resumed,
        "pair": pair(),
        "refused": [refused(joined), refused(resumed)],
        "sealed_keys": {name: joined[name] for name in ("uplink_key", "downlink_key")},
        "sealed": [
            sealed("first uplink", "node", 0, 0, ping, joined),
            sealed("uplink, listening", "node", 1, air.LISTENING, ping, joined),
            sealed("first downlink", "coordinator", 0, air.DOWN, bytes.fromhex("d00a") + run(1, 10), joined),
            sealed("downlink, more is waiting", "coordinator", 1, air.DOWN | air.MORE, ping, joined),
            sealed("counter past its low 16 bits", "node", 0x1_0002, 0, ping + ping, joined),
            sealed("counter past 32 bits", "coordinator", 0x12_3456_789a, air.DOWN, ping, joined),
            sealed("longest in the short form", "node", 3, 0, b"\x30\xe8" + run(0, 232), joined),
            sealed("shortest in the long form", "node", 4, 0, b"\x30\xe9" + run(0, 233), joined),
            sealed("longest body", "coordinator", 2, air.DOWN, b"\x30\xff\xa2\x05" + run(0, 1442), joined),
        ],
    }


def written():
    def text(value):
        return value.hex() if isinstance(value, bytes) else value

    def convert(value):
        if isinstance(value, dict):
            return {name: convert(part) for name, part in value.items()}
        return [convert(part) for part in value] if isinstance(value, list) else text(value)

    return json.dumps(convert(vectors()), indent=2) + "\n"


def main(arguments):
    if arguments == ["--check"]:
        fresh = FILE.exists() and FILE.read_text(encoding="utf-8") == written()
        if not fresh:
            print(f"{FILE.name} is not what {pathlib.Path(__file__).name} writes")
        return 0 if fresh else 1
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(written(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
