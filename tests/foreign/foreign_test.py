"""Our session code against dissononce, and against air.md written once more in Python.

Needs ESPIAL_NOISE_PEER, the path of the built noise_peer. Ends with "N passed, N failed".
"""
import os
import sys
import unittest

import espial_session as air
import session_vectors
from peer import Peer

MAC = bytes.fromhex("a0b1c2d3e4f5")
PING = bytes.fromhex("c000")
# Welcomes as noise_peer takes and gives them, and as bytes.
NODE_KEY = os.urandom(32)
JOIN_WELCOME_HEAD = "9 12 1700000000123 -90 3 "
JOIN_WELCOME = JOIN_WELCOME_HEAD + NODE_KEY.hex()
JOIN_WELCOME_BYTES = air.welcome(9, 12, 1700000000123, -90, 3, NODE_KEY)
RESUME_WELCOME = f"9 12 1700000000123 -90 0 {bytes(32).hex()}"
RESUME_WELCOME_BYTES = air.welcome(9, 12, 1700000000123, -90)


def parties(key_id=air.NETWORK, key=None, mac=MAC):
    return air.Parties(200, key_id, 17, mac, key or os.urandom(32))


class Case(unittest.TestCase):
    def assert_talks(self, peer, ours_is_node, keys):
        """A few frames each way, the counters by air.md: first key up, second key down."""
        uplink, downlink = keys
        sends, hears = (uplink, downlink) if ours_is_node else (downlink, uplink)
        flags, foreign_flags = (0, air.DOWN) if ours_is_node else (air.DOWN, 0)
        for counter, plaintext in enumerate([PING, PING + PING, os.urandom(300), PING]):
            body = peer.bytes("seal " + plaintext.hex())
            self.assertEqual(air.split_sealed(body)[0], air.sealed_header(200, 9, counter, flags, len(plaintext)))
            self.assertEqual(air.open_sealed(sends, counter, body), plaintext)
        # 16 bits name a counter only as long as no more than 32767 frames in a row are lost.
        arriving = {0: "ok c000", 2: "ok c000", 1: "ok c000", 40000: "ok c000", 72767: "ok c000", 72766: "ok c000",
                    71743: "too_old", 71744: "ok c000", 72767 + 32769: "too_old"}
        for counter, answer in arriving.items():
            body = air.seal(hears, 200, 9, counter, foreign_flags, PING)
            self.assertEqual(peer.ask("open " + body.hex()), answer, counter)
        again = air.seal(hears, 200, 9, 72767, foreign_flags | air.MORE, PING)
        self.assertEqual(peer.ask("open " + again.hex()), "replayed")
        forged = air.seal(sends, 200, 9, 72768, foreign_flags, PING)
        self.assertEqual(peer.ask("open " + forged.hex()), "not_authentic")


class JoinWithDissononce(Case):
    def test_ours_starts(self):
        both = parties()
        with Peer(both) as peer:
            join = peer.bytes("start join 77 3405691582")
            coordinator = air.Noise(both, initiator=False)
            payload, _ = coordinator.read(join)
            self.assertEqual(payload, air.hello(wanted_module=77, stream_id=0xcafebabe))
            self.assertEqual(join[:5], both.auth(air.JOIN, bytes(56))[:5])
            accept, keys = coordinator.write(air.JOIN_ACCEPT, JOIN_WELCOME_BYTES)
            node_key = coordinator.node_key(NODE_KEY)
            self.assertNotEqual(node_key, NODE_KEY)
            self.assertEqual(peer.ask("finish " + accept.hex()), "ok " + JOIN_WELCOME_HEAD + node_key.hex())
            self.assert_talks(peer, True, keys)

    def test_who_renews_has_the_key_as_it_was_sent(self):
        both = parties(air.NODE)
        with Peer(both) as peer:
            coordinator = air.Noise(both, initiator=False)
            coordinator.read(peer.bytes("start join 77 1"))
            accept, _ = coordinator.write(air.JOIN_ACCEPT, JOIN_WELCOME_BYTES)
            self.assertEqual(peer.ask("finish " + accept.hex()), "ok " + JOIN_WELCOME)

    def test_ours_answers(self):
        both = parties(air.LABEL)
        with Peer(both) as peer:
            node = air.Noise(both, initiator=True)
            join, _ = node.write(air.JOIN, air.hello(wanted_module=5, stream_id=42))
            self.assertEqual(peer.ask("read join " + join.hex()), "ok 5 42")
            accept = peer.bytes("accept " + JOIN_WELCOME)
            self.assertEqual(accept[:5], both.auth(air.JOIN_ACCEPT, bytes(93))[:5])
            payload, keys = node.read(accept)
            self.assertEqual(payload, JOIN_WELCOME_BYTES)
            self.assertEqual(peer.bytes("node_key"), node.node_key(NODE_KEY))
            self.assert_talks(peer, False, keys)

    def test_a_longer_hello_is_understood(self):
        both = parties()
        with Peer(both) as peer:
            join, _ = air.Noise(both, initiator=True).write(air.JOIN, air.hello(wanted_module=5) + b"later")
            self.assertEqual(peer.ask("read join " + join.hex()), "ok 5 0")

    def test_a_wrong_key_fails_on_both_sides(self):
        ours, theirs = parties(), parties()
        with Peer(ours) as peer:
            with self.assertRaises(air.Refused):
                air.Noise(theirs, initiator=False).read(peer.bytes("start join 0 0"))
            join, _ = air.Noise(theirs, initiator=True).write(air.JOIN, air.hello())
            self.assertEqual(peer.ask("read join " + join.hex()), "not_authentic")
            self.assertEqual(peer.ask("accept " + JOIN_WELCOME), "")

    def test_a_wrong_key_in_the_answer_fails(self):
        ours = parties()
        with Peer(ours) as peer:
            peer.bytes("start join 0 0")
            impostor = air.Noise(parties(), initiator=False)
            hello, _ = air.Noise(impostor.parties, initiator=True).write(air.JOIN, air.hello())
            impostor.read(hello)
            accept, _ = impostor.write(air.JOIN_ACCEPT, JOIN_WELCOME_BYTES)
            self.assertEqual(peer.ask("finish " + accept.hex()), "not_authentic")

    def test_another_mac_fails(self):
        ours = parties()
        theirs = parties(key=ours.key, mac=bytes.fromhex("a0b1c2d3e4f6"))
        with Peer(ours) as peer:
            join, _ = air.Noise(theirs, initiator=True).write(air.JOIN, air.hello())
            self.assertEqual(peer.ask("read join " + join.hex()), "not_authentic")


class ResumeWithThePage(Case):
    def test_ours_starts(self):
        both = parties(air.NODE)
        with Peer(both) as peer:
            body = peer.bytes("start resume 0 7")
            self.assertEqual(air.open_resume(both, body), air.hello(stream_id=7))
            node_random, ours = body[5:21], os.urandom(16)
            accept = air.resume_accept(both, node_random, ours, RESUME_WELCOME_BYTES)
            self.assertEqual(peer.ask("finish " + accept.hex()), "ok " + RESUME_WELCOME)
            self.assert_talks(peer, True, air.resume_keys(both, node_random, ours))

    def test_ours_answers(self):
        both = parties(air.NODE)
        with Peer(both) as peer:
            node_random = os.urandom(16)
            body = air.resume(both, node_random, air.hello(wanted_module=3, stream_id=9))
            self.assertEqual(peer.ask("read resume " + body.hex()), "ok 3 9")
            accept = peer.bytes("accept " + RESUME_WELCOME)
            self.assertEqual(air.open_resume_accept(both, node_random, accept), RESUME_WELCOME_BYTES)
            self.assert_talks(peer, False, air.resume_keys(both, node_random, accept[5:21]))

    def test_a_wrong_key_fails_on_both_sides(self):
        ours, theirs = parties(air.NODE), parties(air.NODE)
        with Peer(ours) as peer:
            body = peer.bytes("start resume 0 7")
            with self.assertRaises(air.Refused):
                air.open_resume(theirs, body)
            accept = air.resume_accept(theirs, body[5:21], os.urandom(16), RESUME_WELCOME_BYTES)
            self.assertEqual(peer.ask("finish " + accept.hex()), "not_authentic")
            foreign = air.resume(theirs, os.urandom(16), air.hello())
            self.assertEqual(peer.ask("read resume " + foreign.hex()), "not_authentic")


class RefusalsWithThePage(Case):
    def test_both_ways(self):
        for kind, key_id in (("join", air.NETWORK), ("resume", air.NODE)):
            both = parties(key_id)
            with self.subTest(kind), Peer(both) as peer:
                request = peer.bytes(f"start {kind} 0 0")
                self.assertEqual(peer.ask("judge " + both.refused(7, request).hex()), "proven 7")
                self.assertEqual(peer.ask("judge " + parties(key_id).refused(7, request).hex()), "hint 7")
                self.assertEqual(peer.bytes("refuse 4 " + request.hex()), both.refused(4, request))


class Vectors(Case):
    def test_the_golden_bytes_are_what_the_page_says(self):
        self.assertEqual(session_vectors.main(["--check"]), 0)


def main():
    result = unittest.TextTestRunner(verbosity=2).run(unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__]))
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
