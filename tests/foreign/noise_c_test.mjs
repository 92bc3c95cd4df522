// Our join against noise-c (the C library, as WebAssembly), both ways round.
//
// Needs ESPIAL_NOISE_PEER, the path of the built noise_peer. Ends with "N passed, N failed".

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { hkdfSync, randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const createNoise = createRequire(import.meta.url)("@richardhopton/noise-c.wasm");
const noise = await new Promise((resolve) => createNoise(resolve));

const PROTOCOL = "Noise_NNpsk0_25519_ChaChaPoly_SHA256";
const JOIN = 1;
const JOIN_ACCEPT = 2;
const DOWN = 1;
const SESSION = 9;
const PING = Buffer.from("c000", "hex");
const NODE_KEY = randomBytes(32);
const HELLO = Buffer.from("0100050044332211", "hex"); // module 5, stream 0x11223344
const WELCOME_HEAD = `${SESSION} 12 1700000000123 -90 3 `;
const WELCOME = WELCOME_HEAD + NODE_KEY.toString("hex");

/** What both sides make of the key that was sent; before Split(), which ends the state. */
function nodeKey(state) {
  return Buffer.from(hkdfSync("sha256", NODE_KEY, state.GetHandshakeHash(), "espial node key", 32)).toString("hex");
}

function welcomeBytes() {
  const fixed = Buffer.alloc(13);
  fixed.writeUInt8(SESSION, 0);
  fixed.writeUInt8(12, 1);
  fixed.writeBigUInt64LE(1700000000123n, 2);
  fixed.writeInt16LE(-90, 10);
  fixed.writeUInt8(3, 12);
  return Buffer.concat([fixed, NODE_KEY]);
}

class Parties {
  constructor(key = randomBytes(32)) {
    Object.assign(this, { server: 200, keyId: 2, generation: 17, mac: Buffer.from("a0b1c2d3e4f5", "hex"), key });
  }

  get prologue() {
    return Buffer.concat([Buffer.from("espial"), Buffer.from([1, this.server, this.keyId, this.generation]), this.mac]);
  }

  auth(step, message) {
    const head = [0xf0 | step, message.length + 3, this.server, this.keyId, this.generation];
    return Buffer.concat([Buffer.from(head), message]);
  }

  foreign(role) {
    const state = new noise.HandshakeState(PROTOCOL, noise.constants[role]);
    state.Initialize(this.prologue, null, null, this.key);
    return state;
  }
}

class Peer {
  constructor(parties) {
    this.process = spawn(process.env.ESPIAL_NOISE_PEER, { stdio: ["pipe", "pipe", "inherit"] });
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    this.parties = parties;
  }

  async ask(line) {
    this.process.stdin.write(line + "\n");
    return (await this.lines.next()).value;
  }

  async bytes(line) {
    return Buffer.from(await this.ask(line), "hex");
  }

  async begin() {
    const { server, keyId, generation, mac, key } = this.parties;
    const line = `credentials ${server} ${keyId} ${generation} ${mac.toString("hex")} ${key.toString("hex")}`;
    assert.equal(await this.ask(line), "ok");
  }

  end() {
    this.process.stdin.end();
  }
}

function sealedHeader(counter, flags, plaintext) {
  const header = Buffer.from([0x50 | flags, 4 + plaintext.length + 16, 200, SESSION, 0, 0]);
  header.writeUInt16LE(counter & 0xffff, 4);
  return header;
}

// Split gives [sender, receiver] in the library's own sense: what it sends with, what it hears with.
async function assertTalks(peer, oursIsNode, [sends, hears]) {
  const [ourFlags, theirFlags] = oursIsNode ? [0, DOWN] : [DOWN, 0];
  for (const [counter, plaintext] of [PING, Buffer.concat([PING, PING]), randomBytes(200)].entries()) {
    const body = await peer.bytes("seal " + plaintext.toString("hex"));
    const header = sealedHeader(counter, ourFlags, plaintext);
    assert.deepEqual(body.subarray(0, 6), header);
    assert.deepEqual(Buffer.from(hears.DecryptWithAd(header, body.subarray(6))), plaintext);
  }
  for (const counter of [0, 1, 2]) {
    const header = sealedHeader(counter, theirFlags, PING);
    const body = Buffer.concat([header, Buffer.from(sends.EncryptWithAd(header, PING))]);
    assert.equal(await peer.ask("open " + body.toString("hex")), "ok c000");
  }
}

async function withPeer(parties, body) {
  const peer = new Peer(parties);
  try {
    await peer.begin();
    await body(peer);
  } finally {
    peer.end();
  }
}

const tests = {
  "ours starts, noise-c answers": async () => {
    const both = new Parties();
    await withPeer(both, async (peer) => {
      const join = await peer.bytes(`start join 5 ${0x11223344}`);
      const coordinator = both.foreign("NOISE_ROLE_RESPONDER");
      assert.deepEqual(Buffer.from(coordinator.ReadMessage(join.subarray(5), true)), HELLO);
      const accept = both.auth(JOIN_ACCEPT, Buffer.from(coordinator.WriteMessage(welcomeBytes())));
      assert.equal(await peer.ask("finish " + accept.toString("hex")), "ok " + WELCOME_HEAD + nodeKey(coordinator));
      await assertTalks(peer, true, coordinator.Split());
    });
  },
  "noise-c starts, ours answers": async () => {
    const both = new Parties();
    await withPeer(both, async (peer) => {
      const node = both.foreign("NOISE_ROLE_INITIATOR");
      const join = both.auth(JOIN, Buffer.from(node.WriteMessage(HELLO)));
      assert.equal(await peer.ask("read join " + join.toString("hex")), `ok 5 ${0x11223344}`);
      const accept = await peer.bytes("accept " + WELCOME);
      assert.deepEqual(accept.subarray(0, 5), both.auth(JOIN_ACCEPT, Buffer.alloc(93)).subarray(0, 5));
      assert.deepEqual(Buffer.from(node.ReadMessage(accept.subarray(5), true)), welcomeBytes());
      assert.equal(await peer.ask("node_key"), nodeKey(node));
      await assertTalks(peer, false, node.Split());
    });
  },
  "a wrong key fails in noise-c": async () => {
    await withPeer(new Parties(), async (peer) => {
      const join = await peer.bytes("start join 0 0");
      const coordinator = new Parties().foreign("NOISE_ROLE_RESPONDER");
      assert.throws(() => coordinator.ReadMessage(join.subarray(5), true));
    });
  },
  "a wrong key fails in ours": async () => {
    await withPeer(new Parties(), async (peer) => {
      const others = new Parties();
      const join = others.auth(JOIN, Buffer.from(others.foreign("NOISE_ROLE_INITIATOR").WriteMessage(HELLO)));
      assert.equal(await peer.ask("read join " + join.toString("hex")), "not_authentic");
      assert.equal(await peer.ask("accept " + WELCOME), "");
    });
  },
  "another prologue fails in ours": async () => {
    const both = new Parties();
    await withPeer(both, async (peer) => {
      const elsewhere = new Parties(both.key);
      elsewhere.mac = Buffer.from("a0b1c2d3e4f6", "hex");
      const join = both.auth(JOIN, Buffer.from(elsewhere.foreign("NOISE_ROLE_INITIATOR").WriteMessage(HELLO)));
      assert.equal(await peer.ask("read join " + join.toString("hex")), "not_authentic");
    });
  },
};

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    await test();
    console.log("ok      " + name);
  } catch (error) {
    failed += 1;
    console.log("FAILED  " + name + "\n", error);
  }
}
console.log(`${Object.keys(tests).length - failed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
