// A house whose readings are kept by a database server: from a board to the page's API, over
// the hub's death, and over the server's absence when the hub starts.
import assert from 'node:assert/strict';
import { openPage } from './lib/browser.mjs';
import { DatabaseServer } from './lib/database_server.mjs';
import { House } from './lib/house.mjs';
import { espial, run } from './lib/process.mjs';
import { freePort } from './lib/ports.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const mac = '5e:50:1a:20:00:01';
const temperature = 0;

const setup = (engine) => async () => {
  const server = await DatabaseServer.start(engine);
  const house = new House();
  const options = ['--pair', '10', '--keep-broker', '--store', server.address];
  await house.startHub(...options);
  await house.startRadio();
  const node = await house.startNode('--name', 'Hall', '--function', 'temperature');
  const world = {
    house,
    node,
    server,
    options,
    startHub: () => house.startHub(...options),
    async close() {
      await world.browser?.close();
      await house.close();
      await server.close();
    },
  };
  return world;
};

/** A server with a certificate for this machine's names, 127.0.0.2 not among them, and an authority that has never heard of it. */
async function proof(engine) {
  const house = new House();
  const [known, stranger] = [`${house.data}/known`, `${house.data}/stranger`];
  for (const data of [known, stranger]) {
    const made = await run(espial, ['tls', 'init', '--data', data]);
    assert.equal(made.code, 0, made.err);
  }
  const port = await freePort();
  const server = await DatabaseServer.start(engine, { folder: `${known}/tls`, port });
  const user = engine === 'mariadb' ? 'root' : 'espial';
  return {
    house,
    known,
    stranger,
    at: (host, data) => `${engine}://${user}@${host}:${port}/espial?tls_ca=${encodeURIComponent(`${data}/tls/ca.crt`)}`,
    async close() {
      await house.close();
      await server.close();
    },
  };
}

/** The means of what the history has, once it has so many. */
async function history({ house }, count) {
  const points = await until(`${count} readings are in the history`, async () => {
    const found = await house.api.history(mac, temperature, 'temperature');
    return found.length === count && found;
  });
  return points.map(([, mean]) => mean);
}

for (const engine of ['mariadb', 'postgresql']) {
  story(`readings are kept by ${engine}`, setup(engine), {
    async 'the hub says who keeps them'({ house }) {
      assert.equal((await house.api.system()).store.engine, engine);
    },

    async 'a reading is shown and in the history'(world) {
      world.node.say(`${temperature} 21.57`);
      assert.deepEqual(await history(world, 1), [21.57]);
      assert.equal((await world.house.api.values('Hall', temperature)).temperature, 21.57);
    },

    async 'a hub that was killed starts with all of it'(world) {
      await world.house.hub.kill();
      await world.startHub();
      assert.deepEqual(await history(world, 1), [21.57]);
      assert.equal((await world.house.api.values('Hall', temperature)).temperature, 21.57);
    },

    async 'and goes on from there'(world) {
      world.node.say(`${temperature} 22.5`);
      assert.deepEqual(await history(world, 2), [21.57, 22.5]);
    },

    async 'a hub whose server is away waits and says so'(world) {
      const { house, server } = world;
      await house.hub.stop();
      await server.stop();
      const { http, broker, websockets } = house.ports;
      const listens = ['--port', http, '--broker-port', broker, '--websockets-port', websockets].map(String);
      house.hub = house.start('hub', ['hub', '--data', house.data, ...listens, ...world.options]);
      await house.hub.line(/the database .* does not answer: .*; trying again in 1 s/);
      await house.hub.line(/the database .* does not answer: .*; trying again in [2-9] s/);
      const health = await fetch(`${house.url}/healthz`);
      assert.equal(health.status, 503);
      assert.match(await health.text(), /database's server does not answer: start it/);
      for (const path of ['/api/session', '/api/devices', '/api/alarms']) {
        const answer = await house.api.get(path);
        assert.equal(answer.status, 503, path);
        assert.equal((await answer.json()).code, 'store_away', path);
      }
    },

    async 'so do commands'({ house }) {
      const { code, err } = await run(espial, ['devices', '--hub', `127.0.0.1:${house.ports.http}`, '--data', house.data]);
      assert.equal(code, 1);
      assert.match(err, /^espial: the hub at .* can't say now: the database's server does not answer/);
    },

    async 'its page says so in three languages'(world) {
      world.browser = await openPage(world.house.url);
      const { page } = world.browser;
      await page.getByText('database’s server does not answer').waitFor();
      await page.getByRole('combobox', { name: /language/i }).selectOption('fr');
      await page.getByText('ne répond pas').waitFor();
      await page.getByRole('combobox').selectOption('ru');
      await page.getByText('не отвечает').waitFor();
    },

    async 'it ends in order while it waits'(world) {
      assert.equal(await world.house.hub.stop(), 0);
      world.waiting = world.startHub();
    },

    async 'and works by itself when the server is there'(world) {
      await world.house.hub.line(/trying again in [2-9] s/);
      world.server.startAgain();
      await world.waiting;
      await world.browser.page.getByRole('heading', { name: 'Hall' }).waitFor();
      assert.deepEqual(await history(world, 2), [21.57, 22.5]);
      world.node.say(`${temperature} 23.5`);
      assert.deepEqual(await history(world, 3), [21.57, 22.5, 23.5]);
    },

    async 'a server that refuses the hub is not waited for'({ house, server }) {
      for (const address of server.refusing) {
        const password = address.includes('stranger') ? { ESPIAL_STORE_PASSWORD: 'wrong' } : {};
        const at = ['--data', `${house.data}/none`, '--port', '0', '--store', address];
        const hub = house.start('hub', ['hub', ...at], { env: password });
        assert.equal(await hub.ended, 1, address);
        assert.match(hub.tail(), /refuses us: check user and password/, address);
        house.programs.splice(house.programs.indexOf(hub), 1);
      }
    },
  });

  story(`${engine} has to prove who it is`, () => proof(engine), {
    async 'where its certificate is of the right authority, for the name that it is called by'({ house, at, known }) {
      await house.startHub('--store', at('localhost', known));
      assert.equal((await house.api.system()).store.ok, true);
      assert.equal(await house.hub.stop(), 0);
    },

    async 'else the hub ends at once, and says what to write instead'({ house, at, known, stranger }) {
      for (const address of [at('localhost', stranger), at('127.0.0.2', known)]) {
        const hub = house.start('hub', ['hub', '--data', `${house.data}/none`, '--port', '0', '--store', address]);
        await hub.line(/does not prove who it is: write a name of its certificate as HOST, and after tls_ca= the file/);
        assert.equal(await hub.ended, 1, address);
        house.programs.splice(house.programs.indexOf(hub), 1);
      }
    },
  });
}
