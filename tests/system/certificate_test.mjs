// A certificate that is renewed while the hub runs: shown without a restart, unless it is a broken one.
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { House } from './lib/house.mjs';
import { freePort } from './lib/ports.mjs';
import { espial, run } from './lib/process.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

async function setup() {
  const house = new House();
  const mqtt = await freePort();
  await house.startHub('--lan', '--mqtt-tls-port', String(mqtt));
  const file = (name) => join(house.data, 'tls', name);
  return {
    house,
    file,
    mqtt,
    ca: readFileSync(file('ca.crt')),
    pid: house.hub.pid,
    renew: async () => assert.equal((await run(espial, ['tls', 'renew', '--data', house.data])).code, 0),
    close: () => house.close(),
  };
}

/** A connection that has seen and believed the certificate of whoever listens there. */
function open(world, port) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ca: world.ca }, () => resolve(socket));
    socket.on('error', reject);
  });
}

async function shownAt(world, port) {
  const socket = await open(world, port);
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

/** What page and broker show, once that is the same; the hub still runs. */
function shown(world) {
  return until('page and broker show the same', async () => {
    assert.equal(world.house.hub.code, undefined);
    const [page, broker] = [await shownAt(world, world.house.ports.http), await shownAt(world, world.mqtt)];
    return page === broker && page;
  });
}

/** The status line that an open connection gives for `/ca.crt`. */
function answer(socket) {
  return new Promise((resolve, reject) => {
    socket.once('data', (data) => resolve(String(data).split('\r\n')[0]));
    socket.once('close', () => reject(new Error('the hub has closed it')));
    socket.write('GET /ca.crt HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  });
}

/** How often the log said that files were left alone. */
const refusals = (world) => [...world.house.hub.out, ...world.house.hub.err].filter((line) => /new certificate is left alone/.test(line)).length;

story('a certificate that is renewed', setup, {
  async 'is shown by page and broker, and open connections stay'(world) {
    const before = await shown(world);
    const connection = await open(world, world.house.ports.http);
    assert.match(await answer(connection), /200/);
    await world.renew();
    world.now = await until('another one is shown', async () => {
      const now = await shown(world);
      return now !== before && now;
    });
    assert.match(await answer(connection), /200/);
    connection.destroy();
    await until('the hub has found its broker again', async () => (await world.house.api.system()).broker.connected);
  },

  async 'is left alone while half of it is missing, or its key is another one'(world) {
    const good = readFileSync(world.file('server.crt'));
    writeFileSync(world.file('server.crt'), good.subarray(0, good.length / 2));
    await until('the log says so', () => refusals(world) === 1);
    assert.equal(await shown(world), world.now);
    writeFileSync(world.file('server.crt'), good);
    const key = readFileSync(world.file('server.key'));
    await until('the log says that it is well', async () => {
      await world.house.hub.line(/the new certificate .* is in use/);
      return world.house.hub.err.concat(world.house.hub.out).filter((line) => /is in use/.test(line)).length === 2;
    });
    copyFileSync(world.file('ca.key'), world.file('server.key'));
    await until('the log says so', () => refusals(world) === 2);
    assert.equal(await shown(world), world.now);
    // Users are changed, and for that the broker reads its files anew.
    await world.house.brokerUser('application', 'add', 'lamp');
    assert.equal(await shown(world), world.now);
    writeFileSync(world.file('server.key'), key, { mode: 0o600 });
  },

  async 'is shown once it is mended'(world) {
    await world.renew();
    await until('another one is shown', async () => (await shown(world)) !== world.now);
  },
});
