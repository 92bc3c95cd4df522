// --lan: nobody gets in, at the page or at the broker, who has not been given a name and a password.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as connectTcp, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { Board, connect } from './lib/board.mjs';
import { openPage } from './lib/browser.mjs';
import { House } from './lib/house.mjs';
import { freePorts } from './lib/ports.mjs';
import { espial, run } from './lib/process.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const gateway = '5e:50:1a:01:00:02';
const module_ = '5e:50:1a:20:00:01';
const password = 'correct horse';

async function setup() {
  const house = new House();
  const [tls, s2] = await freePorts(2);
  await house.startHub('--lan', '--mqtt-tls-port', String(tls), '--s2-port', String(s2), '--pair', '10');
  const world = {
    house,
    ca: readFileSync(join(house.data, 'tls', 'ca.crt')),
    brokerTls: `mqtts://127.0.0.1:${tls}`,
    brokerS2: `mqtt://127.0.0.1:${s2}`,
    command: (...args) => house.command(...args),
    user: (...args) => house.brokerUser(...args),
    async close() {
      await world.browser?.close();
      await house.close();
    },
  };
  return world;
}

/** One request; {status, headers, body}. */
function ask(world, method, path, { body, cookie, host = '127.0.0.1', plain = false } = {}) {
  const port = world.house.ports.http;
  const headers = { 'content-type': 'application/json', origin: `${plain ? 'http' : 'https'}://${host}:${port}` };
  if (cookie) headers.cookie = cookie;
  return new Promise((resolve, reject) => {
    const make = plain ? httpRequest : httpsRequest;
    const sent = make({ method, path, host, port, headers, ca: world.ca, agent: false }, (answer) => {
      let text = '';
      answer.on('data', (data) => (text += data));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: text }));
    });
    sent.on('error', reject);
    sent.end(body ? JSON.stringify(body) : undefined);
  });
}

/** The reason code with which the broker refuses this; 0 where it does not. */
async function publish(client, topic, payload = 'x') {
  try {
    const answer = await client.publishAsync(topic, payload, { qos: 1 });
    return answer?.reasonCode ?? 0;
  } catch (error) {
    return error.code ?? error.message;
  }
}

const notAuthorized = 135;

/** The broker refuses each of these topics. A connection for each: the client stalls after a refusal. */
async function assertRefused(url, login, topics) {
  for (const topic of topics) {
    const client = await connect(url, login);
    assert.equal(await publish(client, topic), notAuthorized, topic);
    await client.endAsync(true);
  }
}

/** What a client says first: a whole ClientHello. */
function clientHello() {
  return new Promise((resolve, reject) => {
    const listener = createServer((socket) => {
      socket.once('data', (data) => {
        socket.destroy();
        listener.close(() => resolve(data));
      });
    });
    listener.listen(0, '127.0.0.1', () => {
      connectTls(listener.address().port, '127.0.0.1').on('error', () => {});
    });
    listener.on('error', reject);
  });
}

story('a hub on the network', setup, {
  async 'shows strangers the page, and nothing else'(world) {
    assert.equal((await ask(world, 'GET', '/')).status, 200);
    assert.equal((await ask(world, 'GET', '/healthz')).status, 200);
    for (const path of ['/api/devices', '/api/events', '/api/audit', '/metrics', '/api/broker-users', '/pages/Maison', '/pages/nothing']) {
      assert.equal((await ask(world, 'GET', path)).status, 401, path);
    }
    // S1's applications know no login: only what they ask for is public, and only with --dispobox.
    const boxes = await ask(world, 'GET', '/dispobox/?action=getAllBoxes');
    assert.equal(boxes.status, 200);
    assert.equal(JSON.parse(boxes.body).data?.length ?? 0, 0);
    const guess = { secret: 'x'.repeat(43), name: 'eve', password };
    assert.equal((await ask(world, 'POST', '/api/setup', { body: guess })).status, 403);
  },

  async 'takes the first admin by the link that it has printed, once'(world) {
    const [, secret] = await world.house.hub.line(/nobody can log in yet.*#setup=([\w-]+)/);
    const form = { secret, name: 'ada', password };
    const done = await ask(world, 'POST', '/api/setup', { body: form });
    assert.equal(done.status, 200, done.body);
    const [cookie] = done.headers['set-cookie'];
    assert.match(cookie, /^__Host-espial=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+; Secure$/);
    world.cookie = cookie.split(';')[0];
    assert.equal((await ask(world, 'GET', '/api/devices', { cookie: world.cookie })).status, 200);
    const page = { cookie: world.cookie, body: { Peers: [] } };
    assert.equal((await ask(world, 'PUT', '/api/configuration/Maison', page)).status, 200);
    assert.equal((await ask(world, 'GET', '/pages/Maison', { cookie: world.cookie })).status, 200);
    assert.equal((await ask(world, 'GET', '/pages/Maison')).status, 401);
    assert.equal((await ask(world, 'POST', '/api/setup', { body: { ...form, name: 'eve' } })).status, 403);
  },

  async 'remembers a session over a restart, and keeps no secret in its database'(world) {
    const ports = ['--mqtt-tls-port', new URL(world.brokerTls).port, '--s2-port', new URL(world.brokerS2).port];
    assert.equal(await world.house.hub.stop(), 0);
    await world.house.startHub('--lan', ...ports, '--pair', '10');
    assert.equal((await ask(world, 'GET', '/api/session', { cookie: world.cookie })).status, 200);
    assert.equal((await ask(world, 'GET', '/api/devices', { cookie: world.cookie })).status, 200);
    const kept = JSON.stringify(await world.house.sql('SELECT * FROM documents'));
    assert.ok(kept.includes('$argon2id$'));
    assert.ok(!kept.includes(password));
    assert.ok(!kept.includes(world.cookie.split('=')[1]));
    for (const file of ['keys/local.token', 'keys/broker.key', 'tls/ca.key', 'tls/server.key', 'broker/passwords', 'broker/server.key']) {
      assert.equal(statSync(join(world.house.data, file)).mode & 0o077, 0, file);
    }
  },

  async 'leads from HTTP to HTTPS, except on the machine itself'(world) {
    const [lan] = Object.values(networkInterfaces()).flat().filter((one) => one.family === 'IPv4' && !one.internal);
    assert.equal((await ask(world, 'GET', '/', { plain: true })).status, 200);
    if (!lan) return;
    const host = lan.address;
    const led = await ask(world, 'GET', '/api/devices?x=1', { plain: true, host });
    assert.equal(led.status, 308);
    assert.equal(led.headers.location, `https://${host}:${world.house.ports.http}/api/devices?x=1`);
    assert.equal((await ask(world, 'POST', '/api/session', { plain: true, host, body: { name: 'ada', password } })).status, 403);
    assert.equal((await ask(world, 'GET', '/ca.crt', { plain: true, host })).body, String(world.ca));
    // S1's applications follow nobody to another scheme, and know no authority of this house.
    const boxes = await ask(world, 'GET', '/dispobox/?action=getAllBoxes', { plain: true, host });
    assert.equal(boxes.status, 200, boxes.body);
    assert.equal(typeof JSON.parse(boxes.body).code, 'number');
    // The certificate is good for that address too: this would fail otherwise.
    assert.equal((await ask(world, 'GET', '/', { host })).status, 200);
  },

  async 'obeys the commands of its owner, and those of nobody else on this machine'(world) {
    assert.match((await world.command('devices', '--json')).out, /^\[/);
    assert.notEqual((await run(espial, ['devices', '--hub', `127.0.0.1:${world.house.ports.http}`, '--data', '/nowhere'])).code, 0);
    const token = (await world.command('token', 'create', 'script', 'viewer')).out.trim();
    const get = (path) => fetch(world.house.url + path, { headers: { authorization: `Bearer ${token}` } });
    assert.equal((await get('/api/devices')).status, 200);
    assert.equal((await get('/api/accounts')).status, 403);
    assert.equal((await world.command('token', 'remove', 'script')).code, 0);
    assert.equal((await get('/api/devices')).status, 401);
    assert.match((await world.command('account', 'list')).out, /^ada +admin$/m);
    for (const what of ['account', 'token']) {
      const listed = JSON.parse((await world.command(what, 'list', '--json')).out);
      assert.deepEqual(listed.map(({ name, role }) => `${name} ${role}`), (await world.command(what, 'list')).out.split('\n').filter(Boolean).map((line) => line.replace(/ +/, ' ')));
    }
    const link = (await world.command('account', 'setup-link')).out;
    const [, page] = await world.house.hub.line(/page and API on (https:\S+)/);
    assert.equal(/^ {2}(\S+)\/#setup=[\w-]{43}$/m.exec(link)?.[1], page, link);
    assert.match((await world.command('audit')).out, /token\.remove +script/);
  },

  async 'lets nobody be disturbed by handshakes that are none, or half of one'(world) {
    const port = world.house.ports.http;
    const hello = await clientHello();
    assert.equal(hello[0], 0x16);
    /** Sends bytes; what came back when the hub has closed. */
    const answered = (bytes) => new Promise((resolve) => {
      const got = [];
      const socket = connectTcp(port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (data) => got.push(data));
      socket.on('error', () => {});
      socket.on('close', () => resolve(Buffer.concat(got)));
    });
    const wrong = Buffer.from(hello);
    wrong.fill(0x55, 9);
    for (const bytes of [wrong, Buffer.concat([hello.subarray(0, 5), Buffer.alloc(hello.length, 0xff)]), Buffer.concat([hello, Buffer.alloc(5000, 0x16)])]) {
      assert.doesNotMatch((await answered(bytes)).toString('latin1'), /HTTP/);
    }
    const halves = [1, 5, 20, hello.length - 1, hello.length];
    const idle = Array.from({ length: 40 }, (_, i) => {
      const socket = connectTcp(port, '127.0.0.1', () => socket.write(hello.subarray(0, halves[i % halves.length])));
      socket.on('error', () => {});
      return socket;
    });
    const connections = async () => Number(/^espial_http_connections (\d+)/m.exec((await ask(world, 'GET', '/metrics', { cookie: world.cookie })).body)[1]);
    await until('they are connected', async () => (await connections()) > idle.length);
    assert.equal((await ask(world, 'GET', '/healthz')).status, 200);
    for (const socket of idle) socket.destroy();
    await until('they are gone', async () => (await connections()) < idle.length / 2);
    assert.equal((await ask(world, 'GET', '/api/devices', { cookie: world.cookie })).status, 200);
  },

  async 'refuses at the broker who has no password, or a wrong one'(world) {
    for (const url of [world.house.broker, world.brokerTls]) {
      for (const login of [{}, { username: 'espial-hub', password: 'guess' }, { username: "' OR 1=1", password: '' }]) {
        await assert.rejects(connect(url, { ...login, protocolVersion: 5, ca: world.ca }), /[Nn]ot authorized|Bad User/, url);
      }
    }
    await assert.rejects(connect(world.brokerTls, { protocolVersion: 5 }), /certificate|self/i);
  },

  async 'lets a gateway touch its own topics and no others'(world) {
    const login = await world.user('gateway', 'add', gateway);
    assert.equal(login.username, 'gateway-5e501a010002');
    world.gatewayUser = login;
    const client = await connect(world.brokerTls, { ...login, ca: world.ca });
    const root = 'espial/home/1';
    for (const topic of [`${root}/up/${gateway}/${module_}`, `/device/${module_}`]) assert.equal(await publish(client, topic), 0, topic);
    const foreign = [`${root}/up/5e:50:1a:01:00:09/${module_}`, `${root}/down/${gateway}/${module_}`, `${root}/coordinator`, `${root}/keyed`,
      `${root}/gateway/5e:50:1a:01:00:09`, `/device/${module_}/set`, 'state/join', 'led/command', 'homeassistant/status', 'anything'];
    await client.endAsync(true);
    await assertRefused(world.brokerTls, { ...login, ca: world.ca }, foreign);
  },

  async 'carries a reading from a board to the page through all of it'(world) {
    const { house } = world;
    house.logInGateway(world.gatewayUser);
    await house.startRadio();
    world.node = await house.startNode('--name', 'Hall', '--function', 'temperature');
    world.node.say('0 21.5');
    await until('a reading arrives', async () => (await house.api.values(module_, 0)).temperature === 21.5);
  },

  async 'lets a gateway of another machine in over TLS, if it knows the authority'(world) {
    const { house } = world;
    await house.gateway.stop();
    const ca = join(house.data, 'tls', 'ca.crt');
    const heardBefore = (await house.api.system()).gateways.length;
    const stranger = house.start('stranger', ['gateway', '--air', house.air, '--data', house.data, '--broker', world.brokerTls, ...house.gatewayLogin]);
    await stranger.line(/the certificate of the broker is refused: /);
    assert.equal((await house.api.system()).gateways.length, heardBefore);
    await stranger.stop();
    house.gatewayLogin.push('--broker-ca', ca);
    await house.startGateway(world.brokerTls);
    await house.gateway.line(/broker mqtts:\/\/127\.0\.0\.1:\d+ reached/);
    world.node.say('0 22.5');
    await until('a reading arrives', async () => (await house.api.values(module_, 0)).temperature === 22.5);
    const without = await run(espial, ['gateway', '--broker', '127.0.0.1:1', '--broker-ca', ca]);
    assert.match(without.err, /--broker-ca: needs --broker mqtts:/);
  },

  async 'lets an application read what it was given, also after the broker was started again'(world) {
    const login = { ...(await world.user('application', 'add', 'node-red')), clientId: 'app', clean: false, properties: { sessionExpiryInterval: 600 } };
    const app = await connect(world.house.broker, login);
    await app.subscribeAsync('#', { qos: 1 });
    await assertRefused(world.house.broker, { ...login, clientId: 'app-2' }, [`/device/${module_}`, 'espial/home/1/keyed']);
    await app.endAsync();
    // With its keys out of reach, so that it must do with what it has read.
    const keys = join(world.house.data, 'keys');
    renameSync(keys, `${keys}.away`);
    const { pid } = world.house.brokerRecord();
    process.kill(pid, 'SIGTERM');
    await until('another broker runs', () => world.house.brokerRecord().pid !== pid);
    const sender = await until('it answers', () => connect(world.house.broker, world.gatewayUser).catch(() => undefined));
    await until('the hub is back', async () => (await world.house.api.system()).broker.connected);
    assert.equal(existsSync(keys), false);
    renameSync(`${keys}.away`, keys);
    assert.equal(await publish(sender, '/device/aa:bb:cc:dd:ee:ff', 'after'), 0);
    assert.equal(await publish(sender, `espial/home/1/gateway/${gateway}`, '{}'), 0);
    await sender.endAsync();
    const again = await connect(world.house.broker, login);
    await until('what came meanwhile arrives', () => again.heard.some(({ text }) => text === 'after'));
    assert.ok(again.heard.every(({ topic }) => topic.startsWith('/device/')));
    await again.endAsync(true);
  },

  async 'drops a gateway whose user is removed'(world) {
    const client = await connect(world.house.broker, await world.user('gateway', 'add', '5e:50:1a:01:00:0a'));
    let dropped = false;
    client.on('close', () => (dropped = true));
    assert.equal((await world.command('gateway', 'remove', 'gateway-5e501a01000a')).code, 0);
    await until('it is dropped', () => dropped);
  },

  async 'lets S2 boards in without a password, on seven topics in their direction'(world) {
    const board = await new Board(world.brokerS2, '61:ec:ed:3b:25:b1').join();
    await board.connection.publishAsync('led/status', `${board.credentials};1`, { qos: 1 });
    await until('the board is on the page', async () => (await world.house.api.device('61:ec:ed:3b:25:b1'))?.online === true);
    const eve = await connect(world.brokerS2, { protocolVersion: 5 });
    await eve.subscribeAsync('#', { qos: 1 });
    const refused = ['led/command', 'state/nameAssign', 'state/other', 'led', 'espial/home/1/coordinator', `espial/home/1/up/${gateway}/${module_}`,
      `/device/${module_}`, `/device/${module_}/set`, '$SYS/broker/uptime', 'anything'];
    await assertRefused(world.brokerS2, { protocolVersion: 5 }, refused);
    for (const topic of ['state/join', 'state/leave', 'led/status', 'button/status', 'photoresistor/status']) {
      assert.equal(await publish(eve, topic, 'nonsense'), 0, topic);
    }
    assert.equal((await world.house.api.send('POST', `/api/devices/61:ec:ed:3b:25:b1/commands`, { slot: 0, values: { on: 1 } })).status, 202);
    await until('the command is heard', () => eve.heard.some(({ topic }) => topic === 'led/command'));
    assert.deepEqual([...new Set(eve.heard.map(({ topic }) => topic))], ['led/command']);
    await eve.endAsync(true);
    await board.connection.endAsync(true);
    assert.equal((await world.house.api.system()).s2_open, true);
  },

  async 'keeps what waits for an application that connects by the client ID it was given, whoever names himself like it'(world) {
    const login = { ...(await world.user('application', 'add', 'logger')), clean: false, properties: { sessionExpiryInterval: 600 } };
    assert.match(login.clientId, /^logger-[\w-]{16}$/);
    const app = await connect(world.house.broker, login);
    await app.subscribeAsync('/device/#', { qos: 1 });
    await app.endAsync();
    const sender = await connect(world.house.broker, world.gatewayUser);
    assert.equal(await publish(sender, '/device/aa:bb:cc:dd:ee:ff', 'waits'), 0);
    await sender.endAsync(true);
    const eve = await connect(world.brokerS2, { protocolVersion: 5, clientId: 'logger', clean: true });
    await eve.endAsync(true);
    const again = await connect(world.house.broker, login);
    await until('what waited arrives', () => again.heard.some(({ text }) => text === 'waits'));
    await again.endAsync(true);
    await until('the hub is back', async () => (await world.house.api.system()).broker.connected);
  },

  async 'is not thrown out by somebody who takes its name'(world) {
    for (const clientId of ['espial-hub-home-1', `espial-gateway-${gateway}`]) {
      const eve = await connect(world.brokerS2, { protocolVersion: 5, clientId });
      await eve.endAsync(true);
    }
    assert.equal((await world.house.api.get('/healthz')).status, 200);
    assert.ok(!world.house.hub.err.some((line) => /broker .* lost: .*another|taken over/i.test(line)));
  },

  async 'says on its page that S2 boards come in without a password, in three languages'(world) {
    world.browser = await openPage(`https://127.0.0.1:${world.house.ports.http}`, { ignoreHTTPSErrors: true });
    const { page, banner } = world.browser;
    await page.getByLabel('Name', { exact: true }).fill('ada');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
    await banner('come in without a password').waitFor();
    await page.getByRole('combobox', { name: /language/i }).selectOption('fr');
    await banner('entrent sans mot de passe').waitFor();
    await page.getByRole('combobox', { name: /langue/i }).selectOption('ru');
    await banner('входят без пароля').waitFor();
  },
});
