"""Sections 2 to 4 of protocol/air.md once more, in Python, written from that page alone.

It shares nothing with core/: HMAC from the standard library, ChaCha20-Poly1305 and X25519 from
`cryptography`, Noise from `dissononce`.
"""
import hashlib
import hmac
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from dissononce.cipher.chachapoly import ChaChaPolyCipher
from dissononce.dh.x25519.private import PrivateKey
from dissononce.dh.x25519.x25519 import X25519DH
from dissononce.exceptions.decrypt import DecryptFailedException
from dissononce.hash.sha256 import SHA256Hash
from dissononce.processing.handshakepatterns.interactive.NN import NNHandshakePattern
from dissononce.processing.impl.cipherstate import CipherState
from dissononce.processing.impl.handshakestate import HandshakeState
from dissononce.processing.impl.symmetricstate import SymmetricState
from dissononce.processing.modifiers.psk import PSKPatternModifier

JOIN, JOIN_ACCEPT, RESUME, RESUME_ACCEPT, REFUSED = 1, 2, 3, 4, 5
NETWORK, NODE, LABEL, PAIR = 0, 1, 2, 3
DOWN, MORE, LISTENING, PEER = 1, 2, 4, 8


class Refused(Exception):
    """What arrived is not authentic."""


def hmac_sha256(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def hkdf(salt, key, info):
    """RFC 5869 for 32 bytes: the first block of the expansion is all of it."""
    return hmac_sha256(hmac_sha256(salt or bytes(32), key), info + b"\x01")


def aead(key):
    return ChaCha20Poly1305(key)


def nonce(counter):
    return bytes(4) + struct.pack("<Q", counter)


def decrypt(key, counter, data, associated_data):
    try:
        return aead(key).decrypt(nonce(counter), data, associated_data)
    except InvalidTag as error:
        raise Refused from error


def discovery_key(network_key, server):
    return hkdf(b"", network_key, b"espial discovery" + bytes([server]))


def pair_key(server, subscriber, provider):
    """Each of the two is (node key, MAC, slot)."""
    info = b"espial pair" + bytes([server]) + b"".join(mac + bytes([slot]) for _, mac, slot in (subscriber, provider))
    return hkdf(subscriber[0], provider[0], info)


def connack_tag(discovery, before_tag, mac):
    return hmac_sha256(discovery, b"espial connack" + before_tag[:18] + mac)[:4]


def moved_tag(discovery, before_tag):
    return hmac_sha256(discovery, b"espial moved" + before_tag[:12])[:4]


def packet(kind, flags, rest):
    length = bytes([len(rest)]) if len(rest) < 255 else b"\xff" + struct.pack("<H", len(rest))
    return bytes([kind << 4 | flags]) + length + rest


def hello(wanted_module=0, capabilities=0, receive_limit=0, stream_id=0):
    return struct.pack("<BBBBI", 1, capabilities, wanted_module, receive_limit, stream_id)


def welcome(session, module, time_ms=0, zone_minutes=0, generation=None, node_key=None):
    fixed = struct.pack("<BBQh", session, module, time_ms, zone_minutes)
    return fixed if node_key is None else fixed + bytes([generation]) + node_key


class FixedDH(X25519DH):
    """X25519 whose next key pair is the one it was made for."""

    def __init__(self, secret):
        super().__init__()
        self.secret = secret

    def generate_keypair(self, privatekey=None):
        return super().generate_keypair(privatekey or PrivateKey(self.secret))


class Parties:
    """A node, a network and the key between them: what both sides of a handshake know."""

    def __init__(self, server, key_id, generation, mac, key):
        self.server, self.key_id, self.generation, self.mac, self.key = server, key_id, generation, mac, key

    @property
    def prologue(self):
        return b"espial" + bytes([1, self.server, self.key_id, self.generation]) + self.mac

    def auth(self, step, rest):
        return packet(15, step, bytes([self.server, self.key_id, self.generation]) + rest)

    def proof(self, refused_head, challenge):
        return hmac_sha256(self.key, b"espial refused" + refused_head + self.mac + challenge)[:16]

    def refused(self, reason, refused_packet):
        head = packet(15, REFUSED, bytes([self.server, self.key_id, self.generation, reason]) + bytes(16))[:6]
        return head + self.proof(head, refused_packet[5:21])


class Noise:
    """One side of a join, over dissononce."""

    def __init__(self, parties, initiator, ephemeral_secret=None):
        dh = FixedDH(ephemeral_secret) if ephemeral_secret else X25519DH()
        self.parties = parties
        self.state = HandshakeState(SymmetricState(CipherState(ChaChaPolyCipher()), SHA256Hash()), dh)
        self.state.initialize(PSKPatternModifier(0).modify(NNHandshakePattern()), initiator, parties.prologue,
                              psks=[parties.key])

    def write(self, step, payload):
        """-> (AUTH body, (uplink key, downlink key) or None)"""
        message = bytearray()
        states = self.state.write_message(payload, message)
        return self.parties.auth(step, bytes(message)), self.keys(states)

    def read(self, body):
        """-> (payload, (uplink key, downlink key) or None)"""
        payload = bytearray()
        try:
            states = self.state.read_message(body[5:], payload)
        except DecryptFailedException as error:
            raise Refused from error
        return bytes(payload), self.keys(states)

    def node_key(self, sent):
        """What both sides of a finished join make of the key that the Welcome carries."""
        if self.parties.key_id == NODE:
            return sent
        return hkdf(self.state.symmetricstate.get_handshake_hash(), sent, b"espial node key")

    @staticmethod
    def keys(states):
        return states and tuple(bytes(state._key) for state in states)


def resume(parties, node_random, payload):
    head = parties.auth(RESUME, node_random + payload + bytes(16))[:21]
    key = hkdf(node_random, parties.key, b"espial resume 1")
    return head + aead(key).encrypt(nonce(0), payload, head + parties.mac)


def open_resume(parties, body):
    key = hkdf(body[5:21], parties.key, b"espial resume 1")
    return decrypt(key, 0, body[21:], body[:21] + parties.mac)


def resume_accept(parties, node_random, coordinator_random, payload):
    head = parties.auth(RESUME_ACCEPT, coordinator_random + payload + bytes(16))[:21]
    key = hkdf(node_random + coordinator_random, parties.key, b"espial resume 2")
    return head + aead(key).encrypt(nonce(0), payload, head + parties.mac)


def open_resume_accept(parties, node_random, body):
    key = hkdf(node_random + body[5:21], parties.key, b"espial resume 2")
    return decrypt(key, 0, body[21:], body[:21] + parties.mac)


def resume_keys(parties, node_random, coordinator_random):
    salt = node_random + coordinator_random
    return (hkdf(salt, parties.key, b"espial session up"), hkdf(salt, parties.key, b"espial session down"))


def sealed_header(server, session, counter, flags, plaintext_size):
    rest = bytes([server, session]) + struct.pack("<H", counter & 0xffff) + bytes(plaintext_size + 16)
    return packet(5, flags, rest)[:-(plaintext_size + 16)]


def seal(key, server, session, counter, flags, plaintext):
    header = sealed_header(server, session, counter, flags, len(plaintext))
    associated_data = bytes([header[0] & ~MORE]) + header[1:]
    return header + aead(key).encrypt(nonce(counter), plaintext, associated_data)


def open_sealed(key, counter, body):
    header, ciphertext = split_sealed(body)
    return decrypt(key, counter, ciphertext, bytes([header[0] & ~MORE]) + header[1:])


def split_sealed(body):
    """-> (header through the counter, ciphertext with tag)"""
    size = 8 if body[1] == 255 else 6
    return body[:size], body[size:]
