// What comes in and is not what it should be: counted by its reason, stored nowhere, nobody disturbed.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect as connectTcp } from 'node:net';
import { connect } from './lib/board.mjs';
import { House } from './lib/house.mjs';
import { freePort } from './lib/ports.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const mac = '5e:50:1a:20:00:01';
const gateway = '5e:50:1a:01:00:02';
const stranger = '5e:50:1a:20:00:ff';

/** Bytes without rhyme or reason, the same in every run. */
function noise(length, seed) {
  let block = Buffer.from(String(seed));
  const blocks = [];
  for (let size = 0; size < length; size += 32) blocks.push((block = createHash('sha256').update(block).digest()));
  return Buffer.concat(blocks).subarray(0, length);
}

async function setup() {
  const house = new House();
  await house.startHub('--pair', '10', '--dispobox', `127.0.0.1:${await freePort()}`);
  await house.startRadio();
  const node = await house.startNode('--name', 'Hall', '--function', 'temperature');
  const mqtt = await connect(house.broker, { protocolVersion: 5 });
  let measured = 0;
  return {
    house,
    mqtt,
    /** A reading still goes all the way. */
    async stillWorks() {
      measured += 0.25;
      node.say(`0 ${measured}`);
      await until('a reading arrives', async () => (await house.api.values(mac, 0)).temperature === measured);
      assert.equal((await house.api.get('/healthz')).status, 200);
      const [[devices, readings]] = await house.sql('SELECT (SELECT count(*) FROM devices), (SELECT count(*) FROM readings)');
      assert.deepEqual([devices, readings], [1, measured * 4]);
    },
    async close() {
      await mqtt.endAsync(true);
      await house.close();
    },
  };
}

/** Does something and waits until a figure has grown by at least so much. */
async function counted({ house }, figure, by, act) {
  const before = await house.api.count(figure);
  await act();
  await until(`${figure} has grown by ${by}`, async () => (await house.api.count(figure)) >= before + by);
}

/** Sends bytes to the hub's port and returns what it answers until it closes. */
function tcp({ house }, bytes) {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connectTcp(house.ports.http, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (data) => (answer += data));
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

/** Whoever goes on sending may find the door closed before he has read why. */
const answeredOrClosed = /^(HTTP\/1\.1 413 |$)/;

/** Sends `head`, then `piece` over and over, a hundred megabytes at most; returns what was answered. */
function flood({ house }, head, piece) {
  return new Promise((resolve) => {
    let answer = '';
    let left = 104_857_600;
    const socket = connectTcp(house.ports.http, '127.0.0.1', () => socket.write(head));
    const more = () => {
      while (left > 0 && socket.writable) {
        left -= piece.length;
        if (!socket.write(piece)) return;
      }
    };
    socket.on('connect', more);
    socket.on('drain', more);
    socket.on('data', (data) => (answer += data));
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

const http = (reason) => `espial_http_refused_total{reason="${reason}"}`;
const network = (what) => `espial_network_events_total{server="1",what="${what}"}`;

story('input that is none', setup, {
  async 'what is not HTTP'(world) {
    await counted(world, http('not_http'), 3, async () => {
      assert.match(await tcp(world, `${noise(300, 1).toString('hex')}\r\n\r\n`), /^HTTP\/1\.1 400 /);
      await tcp(world, noise(5000, 2));
      await tcp(world, 'GET / HTTP/9.9 what\r\n\r\n');
    });
    await world.stillWorks();
  },

  async 'a header and a body that are too large'(world) {
    await counted(world, http('header_too_large'), 1, async () => {
      assert.match(await tcp(world, `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /);
    });
    await counted(world, http('body_too_large'), 1, async () => {
      const body = JSON.stringify({ name: 'x'.repeat(100_000) });
      const head = `PATCH /api/devices/${mac} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n`;
      assert.match(await tcp(world, `${head}Content-Length: ${body.length}\r\n\r\n${body}`), /^HTTP\/1\.1 413 /);
    });
    await world.stillWorks();
  },

  async 'bodies, addresses and methods that mean nothing'(world) {
    const { api } = world.house;
    const headers = { 'content-type': 'application/json', ...api.authorization };
    const path = `/api/devices/${mac}/commands`;
    const bodies = ['', '{', '[]', 'null', '{"slot":0}', '{"slot":99,"values":{"on":1}}', '"'.repeat(1000), '['.repeat(60_000)];
    await counted(world, http('body_not_understood'), bodies.length, async () => {
      for (const body of bodies) {
        const answer = await fetch(api.url + path, { method: 'POST', headers, body });
        assert.equal(answer.status, 400, body.slice(0, 40));
        assert.match((await answer.json()).error, /\w+ \w+/);
      }
    });
    for (const [method, where, status] of [['GET', '/api/devices/nobody', 404], ['GET', '/nothing', 404], ['GET', '/%zz', 400],
      ['DELETE', '/api/devices', 405], ['GET', `/api/devices/${mac}/history?slot=x`, 400]]) {
      assert.equal((await fetch(api.url + where, { method, headers })).status, status, `${method} ${where}`);
    }
    // Not by fetch, which would take the dots away before it asks: and then some of these are there.
    const dotted = ['/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/pages/../../etc/passwd', '/api/../healthz', '/./healthz', '..'];
    for (const [path, status] of [...dotted.map((one) => [one, 400]), ['//etc/passwd', 404], ['//healthz', 404]]) {
      const answer = await tcp(world, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
      assert.equal(answer.slice(0, 13), `HTTP/1.1 ${status} `, path);
    }
    const foreign = await tcp(world, 'GET /api/devices HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n');
    assert.match(foreign, /^HTTP\/1\.1 421 /);
    await world.stillWorks();
  },

  async 'bodies that are deep, long or crowded, wherever one may be brought'(world) {
    const { api } = world.house;
    const crowded = `{"${'x'.repeat(32_000)}":[0${',0'.repeat(15_000)}]}`;
    const bodies = ['['.repeat(60_000), '{"a":'.repeat(10_000), `{"a":${'['.repeat(25_000)}${']'.repeat(25_000)}}`, `"${'x'.repeat(60_000)}"`, crowded,
      `{"members":[${'0,'.repeat(30_000)}0]}`, '{"Peers":[{"PeerID":1e999}]}', `{"a":${'9'.repeat(60_000)}}`, '\0'.repeat(1000)];
    const headers = { 'content-type': 'application/json', ...api.authorization };
    const members = [{ mac, slot: 0 }];
    assert.equal((await api.send('PUT', '/api/groups/All', { members })).status, 200);
    const changed = ['/api/configuration/Maison', '/api/groups/Lamps', '/api/alarms/Frost', '/api/dispobox/hours'];
    for (const path of [...changed, '/api/groups/All/commands', '/api/replace', '/api/tokens', '/api/keys/pairing']) {
      for (const body of bodies) {
        const answer = await fetch(api.url + path, { method: changed.includes(path) ? 'PUT' : 'POST', headers, body });
        assert.ok([400, 422].includes(answer.status), `${path} ${answer.status} ${body.slice(0, 40)}`);
        assert.match((await answer.json()).error, /\w+\W+\w+/);
      }
    }
    await world.stillWorks();
  },

  async 'a hundred megabytes, announced or in pieces'(world) {
    const head = `PATCH /api/devices/${mac} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n`;
    await counted(world, http('body_too_large'), 2, async () => {
      assert.match(await flood(world, `${head}Content-Length: 104857600\r\n\r\n`, Buffer.alloc(65_536, 0x61)), answeredOrClosed);
      const piece = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, 0x61), Buffer.from('\r\n')]);
      assert.match(await flood(world, `${head}Transfer-Encoding: chunked\r\n\r\n`, piece), answeredOrClosed);
    });
    await world.stillWorks();
  },

  async 'many small headers, and a length that is none'(world) {
    await counted(world, http('header_too_large'), 1, async () => {
      const many = Array.from({ length: 2000 }, (_, i) => `X-${i}: ${i}\r\n`).join('');
      assert.match(await tcp(world, `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${many}\r\n`), /^HTTP\/1\.1 431 /);
    });
    for (const length of ['-1', '1e9', '99999999999999999999', '1, 2']) {
      assert.match(await tcp(world, `POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${length}\r\n\r\n`), /^HTTP\/1\.1 4\d\d /);
    }
    await world.stillWorks();
  },

  async 'clients that say half of something and wait'(world) {
    const halves = ['', 'G', 'GET / HTTP/1.1\r\nHost: 127.', 'POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{'];
    const idle = [];
    for (let i = 0; i < 200; ++i) {
      const socket = connectTcp(world.house.ports.http, '127.0.0.1', () => socket.write(halves[i % halves.length]));
      socket.on('error', () => {});
      idle.push(socket);
    }
    await until('they are connected', async () => (await world.house.api.count('espial_http_connections')) >= 200);
    await world.stillWorks();
    for (const socket of idle) socket.destroy();
    await until('they are gone', async () => (await world.house.api.count('espial_http_connections')) < 20);
  },

  async 'names that are SQL, HTML, or in another encoding'(world) {
    const { api } = world.house;
    const rename = (body, type = 'application/json') =>
      fetch(`${api.url}/api/devices/${mac}`, { method: 'PATCH', headers: { 'content-type': type, ...api.authorization }, body });
    for (const name of ["x') OR 1=1 --", '<img src=x onerror=1>', '"><script>', '{{7*7}} ${7*7}']) {
      assert.equal((await rename(JSON.stringify({ name }))).status, 200, name);
      await until('the name is stored as it is', async () => (await world.house.sql('SELECT name FROM devices'))[0][0] === name);
      assert.equal((await api.device(mac)).name, name);
    }
    const refused = [Buffer.from('{"name":"caf\xe9"}', 'latin1'), Buffer.from('\ufeff{"name":"x"}', 'utf16le'), '{"name":"a\\u0000b"}', '{"name":"\\ud800"}',
      '{"name":"a\\nb"}', '{"name":["x"]}', `{"name":"${'x'.repeat(30)}"}`];
    for (const body of refused) {
      const answer = await rename(body);
      assert.ok([400, 422].includes(answer.status), `${answer.status} ${body}`);
      assert.match((await answer.json()).error, /\w+ \w+/);
    }
    assert.equal((await rename('name=x', 'application/x-www-form-urlencoded')).status, 415);
    assert.equal((await rename(JSON.stringify({ name: 'Hall' }))).status, 200);
    await world.stillWorks();
  },

  async 'cookies, tokens and forms that are none'(world) {
    const { api } = world.house;
    const path = `${api.url}/api/devices`;
    for (const authorization of ['Bearer', 'Bearer x', 'Basic YTpi', `Bearer ${'x'.repeat(4000)}`, "Bearer ' OR 1=1"]) {
      assert.equal((await fetch(path, { headers: { authorization } })).status, 401, authorization.slice(0, 40));
    }
    for (const cookie of ['espial', 'espial=', 'espial=a; espial=b', ';;;=;', `espial=${'x'.repeat(4000)}`, 'espial="\\"']) {
      assert.equal((await fetch(path, { headers: { cookie } })).status, 200, cookie.slice(0, 40));
    }
    const headers = { 'content-type': 'application/json' };
    for (const body of ['', '[]', '['.repeat(60_000), '{"name":{"$ne":""},"password":{"$ne":""}}', '{"name":"a","name":"b"}', Buffer.from([0xff, 0xfe])]) {
      assert.equal((await fetch(`${api.url}/api/session`, { method: 'POST', headers, body })).status, 400, String(body).slice(0, 40));
    }
    await world.stillWorks();
  },

  async 'noise on the air'(world) {
    const socket = createSocket('udp4');
    for (let i = 0; i < 300; ++i) {
      const length = i % 10 === 0 ? 1600 : i * 5;
      await new Promise((resolve) => socket.send(noise(length, i), world.house.airPort, '127.0.0.1', resolve));
    }
    socket.close();
    await world.stillWorks();
    assert.equal(world.house.airProcess.code, undefined);
    assert.equal(world.house.gateway.code, undefined);
  },

  async 'noise in the place of frames'(world) {
    const topic = `espial/home/1/up/${gateway}/${stranger}`;
    const what = ['too_short', 'not_ours', 'unknown_node', 'not_served', 'not_authentic', 'not_sane', 'joins_refused'];
    const sum = async () => {
      const figures = await world.house.api.metrics();
      return what.reduce((total, one) => total + figures[network(one)], 0);
    };
    const before = await sum();
    const frames = [Buffer.alloc(0), Buffer.from([0x10]), Buffer.from([0xff]), Buffer.alloc(100_000, 0x33)];
    for (let i = 0; i < 300; ++i) frames.push(noise(1 + i * 5, i));
    for (const frame of frames) await world.mqtt.publishAsync(topic, frame, { qos: 1 });
    await until('each was refused for a reason', async () => (await sum()) >= before + frames.length);
    await world.stillWorks();
  },

  async 'noise under the name of a module that is online'(world) {
    const before = await world.house.api.count(network('joins'));
    for (let i = 0; i < 100; ++i) {
      await world.mqtt.publishAsync(`espial/home/1/up/${gateway}/${mac}`, noise(20 + i, i), { qos: 1 });
    }
    await world.stillWorks();
    assert.equal(await world.house.api.count(network('joins')), before);
    assert.equal((await world.house.api.device(mac)).online, true);
  },

  async 'properties beside a frame that are out of range, and topics that are none'(world) {
    const malformed = 'espial_network_malformed_total{server="1"}';
    const frame = noise(40, 7);
    const bad = [{ rssi: '-200' }, { rssi: 'loud' }, { channel: '14' }, { channel: '' }, { held_ms: '-1' }, { held_ms: '99999999999' }];
    await counted(world, malformed, bad.length, async () => {
      for (const userProperties of bad) {
        await world.mqtt.publishAsync(`espial/home/1/up/${gateway}/${stranger}`, frame, { qos: 1, properties: { userProperties } });
      }
    });
    const topics = [`espial/home/1/up/nobody/${stranger}`, `espial/home/1/up/${gateway}/${stranger.toUpperCase()}`, 'espial/home/1/up//'];
    await counted(world, malformed, topics.length, async () => {
      for (const topic of topics) await world.mqtt.publishAsync(topic, frame, { qos: 1 });
    });
    await world.stillWorks();
  },

  async 'a gateway state that is no JSON, and one as large as the broker lets through'(world) {
    for (const text of ['', '{', '[]', '{"state":7}', '{'.repeat(5000), noise(900_000, 3)]) {
      await world.mqtt.publishAsync(`espial/home/1/gateway/${stranger}`, text, { qos: 1 });
    }
    await world.stillWorks();
    assert.equal((await world.house.api.system()).gateways.some((one) => one.mac === stranger && one.online), false);
  },

  async 'the log stays short'({ house }) {
    assert.ok(house.hub.err.length < 200, `${house.hub.err.length} lines`);
  },

  async 'the air tells at its end how much was none'({ house }) {
    assert.equal(await house.airProcess.stop(), 0);
    await house.airProcess.line(/air: .*, 300 datagrams that were none$/);
  },
});
