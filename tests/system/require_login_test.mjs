// --require-login: who is on the hub's own machine gets nowhere without an account or a password, by MQTT neither.
import assert from 'node:assert/strict';
import { connect } from './lib/board.mjs';
import { House } from './lib/house.mjs';
import { freePorts } from './lib/ports.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const gateway = '5e:50:1a:01:00:02';
const module_ = '5e:50:1a:20:00:01';
/** A command: slot 1, one byte, kind relay, on. */
const relayOn = Buffer.from([0x11, 0x04, 0x01]);

async function setup() {
  const house = new House();
  await house.startHub('--require-login', '--pair', '10');
  return { house, close: () => house.close() };
}

story('a hub that demands accounts of its own machine', setup, {
  async 'asks at the page, and at each port of the broker'({ house }) {
    assert.equal((await fetch(`${house.url}/api/devices`)).status, 401);
    for (const url of [house.broker, `ws://127.0.0.1:${house.ports.websockets}`]) {
      for (const login of [{}, { username: 'espial-hub', password: 'guess' }]) {
        await assert.rejects(connect(url, { ...login, protocolVersion: 5 }), /[Nn]ot authorized|Bad User/, url);
      }
    }
  },

  async 'takes a reading from a gateway that has a password'(world) {
    const { house } = world;
    house.logInGateway(await house.brokerUser('gateway', 'add', gateway));
    await house.startRadio();
    world.node = await house.startNode('--name', 'Hall', '--function', 'temperature', '--function', 'relay');
    world.node.say('0 21.5');
    await until('a reading arrives', async () => (await house.api.values(module_, 0)).temperature === 21.5);
    assert.match((await house.command('devices')).out, /Hall/);
  },

  async 'lets an application switch a relay only if it was given that'({ house, node }) {
    const switched = () => node.events.filter(({ event }) => event === 'command').length;
    const send = async (...rights) => {
      const client = await connect(house.broker, await house.brokerUser('application', 'add', 'switcher', ...rights));
      await client.publishAsync(`/device/${module_}/set`, relayOn, { qos: 1 }).catch(() => {});
      await client.endAsync(true);
    };
    await send();
    await send('--write', '/device/+/set');
    await until('the relay is switched', switched);
    assert.equal(switched(), 1);
  },

  async 'tells its owner that another broker lets in whom it wants'({ house }) {
    const args = ['--require-login', '--broker', `127.0.0.1:${house.ports.broker}`, '--port', '0', '--data', `${house.data}/other`];
    const other = house.start('other', ['hub', ...args]);
    await other.line(/whom the broker .* lets in, it decides itself/);
  },
});

async function forUp() {
  const house = new House();
  const [http, air] = (await freePorts(2)).map(String);
  const ports = ['--port', http, '--broker-port', '0', '--websockets-port', '0', '--air-port', air];
  const up = house.start('up', ['up', '--require-login', '--data', house.data, ...ports]);
  return { up, http, close: () => house.close() };
}

story('everything at once, with accounts on this machine', forUp, {
  async 'its own gateway is let in, and all modules join through it'({ up }) {
    await up.line(/(\d+) of \1 modules have joined/);
  },

  async 'it prints the link that makes the first account'({ up, http }) {
    await up.line(new RegExp(`^  http://127\\.0\\.0\\.1:${http}/#setup=[\\w-]{43}$`));
    await up.line(/Ctrl-C stops everything/);
    assert.equal((await fetch(`http://127.0.0.1:${http}/api/devices`)).status, 401);
    assert.equal(await up.stop('SIGINT', 60_000), 0);
  },
});
