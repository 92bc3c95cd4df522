// A broker that is none, or says what no broker may: the hub leaves it, says so, and tries again.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { House } from './lib/house.mjs';
import { Api } from './lib/api.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const accepted = Buffer.from([0x20, 3, 0, 0, 0]);

/** An MQTT 5 message of QoS 1, without properties. */
function publish(topic, payload, { properties = [0] } = {}) {
  const name = Buffer.from(topic);
  const body = Buffer.concat([Buffer.from([0, name.length]), name, Buffer.from([0, 7, ...properties]), Buffer.from(payload)]);
  assert.ok(body.length < 128);
  return Buffer.concat([Buffer.from([0x32, body.length]), body]);
}

/** What is said to a client that has connected; each must cost the connection. */
const lies = {
  'no MQTT at all': Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
  'a packet of 256 MB': Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f, 0]),
  'a length without end': Buffer.from([0x20, 0xff, 0xff, 0xff, 0xff, 0xff]),
  'a message before the welcome': publish('state/join', '61:ec:ed:3b:25:b1'),
  'a second welcome': Buffer.concat([accepted, accepted]),
  'an acknowledgement of nothing ever sent': Buffer.concat([accepted, Buffer.from([0x90, 4, 0x77, 0x77, 0, 0])]),
  'a topic that is no UTF-8': Buffer.concat([accepted, Buffer.from([0x32, 7, 0, 2, 0xc3, 0x28, 0, 7, 0])]),
  'a topic with a wildcard': Buffer.concat([accepted, publish('state/#', 'x')]),
  'a property list longer than its packet': Buffer.concat([accepted, publish('state/join', '', { properties: [0x7f] })]),
  'a request that only a client may make': Buffer.concat([accepted, Buffer.from([0xc0, 0])]),
};

async function setup() {
  const house = new House();
  const left = [];
  let lie = Buffer.alloc(0);
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      const words = lie;
      socket.write(words);
      socket.on('close', () => left.push(words));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = ['--data', house.data, '--port', '0', '--broker', `127.0.0.1:${server.address().port}`];
  house.hub = house.start('hub', ['hub', ...at]);
  const [, port] = await house.hub.line(/page and API on http:\/\/127\.0\.0\.1:(\d+)/);
  house.api = new Api(`http://127.0.0.1:${port}`, '');
  return {
    house,
    /** Says this to whoever connects from now on, until somebody has left upon it. */
    async tell(what, words) {
      lie = words;
      await until(`the hub leaves a broker that says ${what}`, () => left.includes(words));
    },
    async close() {
      server.close();
      await house.close();
    },
  };
}

story('a broker that lies', setup, {
  async 'is left, and tried again'({ house, tell }) {
    for (const [what, words] of Object.entries(lies)) {
      await tell(what, words);
      assert.equal(house.hub.code, undefined, what);
    }
  },

  async 'disturbs nobody else, and nothing of it is stored'({ house }) {
    const fetched = await fetch(`${house.api.url}/api/devices`);
    assert.equal(fetched.status, 200);
    const { devices, system } = await fetched.json();
    assert.deepEqual(devices, []);
    assert.equal(system.broker.connected, false);
    assert.equal((await fetch(`${house.api.url}/healthz`)).status, 503);
    assert.deepEqual(await house.sql('SELECT count(*) FROM devices'), [[0]]);
  },
});
