// The session protocol of boards that speak MQTT themselves, with two clients that are not ours: the
// npm package mqtt, and mosquitto_pub with mosquitto_sub.
import assert from 'node:assert/strict';
import { Board } from './lib/board.mjs';
import { House } from './lib/house.mjs';
import { Program, run } from './lib/process.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const led = 0;
const button = 1;
const photoresistor = 2;

async function setup() {
  const house = new House();
  await house.startHub();
  const world = {
    house,
    boards: {},
    board(key, ...rest) {
      this.boards[key] = new Board(house.broker, ...rest);
      return this.boards[key];
    },
    async close() {
      for (const board of Object.values(this.boards)) await board.end();
      await house.close();
    },
  };
  return world;
}

const lower = (board) => board.mac.toLowerCase();
const refused = (reason) => `espial_s2_refused_total{reason="${reason}"}`;

const isOnline = ({ house }, board, online) =>
  until(`${board.mac} is ${online ? 'online' : 'offline'}`, async () => {
    const device = await house.api.device(lower(board));
    return device && device.online === online;
  });

const shows = ({ house }, board, slot, field, value) =>
  until(`${board.mac} shows ${field} ${value}`, async () => (await house.api.values(lower(board), slot))[field] === value);

/** All stored values of one function, in the order of their arrival. */
async function stored({ house }, board, slot) {
  const rows = await house.sql(
    `SELECT number FROM readings JOIN devices ON device = id WHERE mac = '${lower(board)}' AND slot = ${slot} ` +
      'ORDER BY taken_at_ms, arrival',
  );
  return rows.map(([number]) => number);
}

/** Does something and waits until a figure of /metrics has grown by `by` because of it. */
async function counted({ house }, figure, by, act) {
  const before = await house.api.count(figure);
  await act();
  await until(`${figure} has grown by ${by}`, async () => (await house.api.count(figure)) >= before + by);
  assert.equal(await house.api.count(figure), before + by);
}

const mosquittoPub = async ({ house }, topic, text, qos, ...extra) => {
  const at = ['-h', '127.0.0.1', '-p', String(house.ports.broker)];
  const { code, err } = await run('mosquitto_pub', [...at, '-t', topic, '-m', text, '-q', String(qos), ...extra]);
  assert.equal(code, 0, err);
};

story('boards with sessions over MQTT', setup, {
  async 'a board that joins is named capteur01 and given a session, its MAC spelled as it spelled it'(world) {
    const board = await world.board('first', '61:EC:ED:3B:25:B1').ask();
    assert.match(board.assigned.text, /^61:EC:ED:3B:25:B1;capteur01;\d{10}\.\d{6}$/);
    assert.equal(board.session.length, 17);
    assert.deepEqual([board.assigned.qos, board.assigned.retain], [2, false]);
    const device = await world.house.api.device('61:ec:ed:3b:25:b1');
    assert.deepEqual([device.name, device.online, device.protocol], ['capteur01', false, 's2']);
  },

  async 'it is online only when it has begun that session'(world) {
    await world.boards.first.begin();
    await isOnline(world, world.boards.first, true);
  },

  async 'what its LED, button and photoresistor say is stored'(world) {
    const board = world.boards.first;
    await board.led(0);
    await board.button(1);
    await shows(world, board, button, 'action', 1);
    await board.button(0);
    await board.photoresistor(0);
    await board.photoresistor(100);
    await board.photoresistor(58);
    await shows(world, board, led, 'on', 0);
    await shows(world, board, button, 'action', 0);
    await shows(world, board, photoresistor, 'light_level', 58);
    assert.deepEqual(await stored(world, board, led), [0]);
    assert.deepEqual(await stored(world, board, button), [1, 0]);
    assert.deepEqual(await stored(world, board, photoresistor), [0, 100, 58]);
  },

  async 'a command of the page comes as name;session;1 with QoS 1, and ends when the LED says so'(world) {
    const board = world.boards.first;
    const followed = world.house.api.follow();
    await until('the events flow', () => followed.events.length > 0);
    const answer = await world.house.api.send('POST', `/api/devices/${lower(board)}/commands`, {
      slot: led,
      values: { on: 1 },
    });
    assert.equal(answer.status, 202);
    const { command_id: id } = await answer.json();
    const command = await until('the board hears the command', () =>
      board.connection.heard.find(({ topic }) => topic === 'led/command'),
    );
    assert.deepEqual([command.text, command.qos, command.retain], [`${board.credentials};1`, 1, false]);
    const fates = () => followed.events.filter(({ event, data }) => event === 'command' && data.command_id === id);
    await until('the command is told', () => fates().length > 0);
    assert.deepEqual(fates().map(({ data }) => data.state), ['pending']);
    assert.equal((await world.house.api.values(lower(board), led)).on, 0);
    await board.led(1);
    await until('the command has ended', () => fates().length > 1);
    assert.equal(fates()[1].data.state, 'executed');
    assert.equal((await world.house.api.values(lower(board), led)).on, 1);
    followed.stop();
    await followed.ended;
  },

  async 'a board of MQTT 5 is served beside it, as capteur02'(world) {
    const board = await world.board('second', 'a4:cf:12:00:00:02', { version: 5 }).join();
    assert.match(board.assigned.text, /^a4:cf:12:00:00:02;capteur02;\d{10}\.\d{6}$/);
    await isOnline(world, board, true);
    await board.photoresistor(7);
    await shows(world, board, photoresistor, 'light_level', 7);
  },

  async 'a board that knows QoS 0 only is served as well'(world) {
    const board = await world.board('third', 'A4:CF:12:00:00:03', { qos: 0 }).join();
    await isOnline(world, board, true);
    await board.led(1);
    await shows(world, board, led, 'on', 1);
  },

  async 'mosquitto_pub and mosquitto_sub can be a board'(world) {
    const at = ['-h', '127.0.0.1', '-p', String(world.house.ports.broker)];
    const listen = ['mosquitto_sub', ...at, '-t', 'state/nameAssign', '-q', '2', '-d'];
    const ear = new Program('mosquitto_sub', 'stdbuf', ['-oL', ...listen]);
    world.house.programs.push(ear);
    await ear.line(/^Subscribed/);
    await mosquittoPub(world, 'state/join', '18:FE:34:00:00:04', 2);
    const [, credentials] = await ear.line(/^18:FE:34:00:00:04;(capteur04;\d{10}\.\d{6})$/);
    const board = { mac: '18:FE:34:00:00:04' };
    await mosquittoPub(world, 'state/join', credentials, 2, '-V', '5');
    await isOnline(world, board, true);
    await mosquittoPub(world, 'photoresistor/status', `${credentials};33`, 1);
    await shows(world, board, photoresistor, 'light_level', 33);
    await mosquittoPub(world, 'state/leave', credentials, 2);
    await isOnline(world, board, false);
    assert.equal(await ear.stop(), 0);
  },

  async 'over WebSocket, too'(world) {
    const board = new Board(`ws://127.0.0.1:${world.house.ports.websockets}`, 'A4:CF:12:00:00:05', { version: 5 });
    world.boards.web = board;
    await board.join();
    await isOnline(world, board, true);
    await board.photoresistor(99);
    await shows(world, board, photoresistor, 'light_level', 99);
  },

  async 'a last will takes the board offline'(world) {
    world.boards.second.vanish();
    await isOnline(world, world.boards.second, false);
  },

  async 'a leave takes it offline, and nobody else'(world) {
    await world.boards.third.leave();
    await isOnline(world, world.boards.third, false);
    assert.equal((await world.house.api.device(lower(world.boards.first))).online, true);
  },

  async 'a new session makes the old one stale: its readings and its leave are discarded'(world) {
    const board = world.boards.first;
    const old = board.credentials;
    const speaker = board.connection;
    await board.join();
    assert.equal(board.name, 'capteur01');
    assert.notEqual(board.credentials, old);
    assert.ok(board.session > old.split(';')[1], 'sessions grow');
    await isOnline(world, board, true);
    await counted(world, 'espial_s2_stale_total', 3, async () => {
      await speaker.publishAsync('photoresistor/status', `${old};1`, { qos: 1 });
      await speaker.publishAsync('state/leave', old, { qos: 2 });
      await speaker.publishAsync('state/join', old, { qos: 2 });
    });
    await counted(world, 'espial_s2_stale_total', 1, async () => speaker.stream.destroy());  // the old will
    assert.equal((await world.house.api.device(lower(board))).online, true);
    assert.deepEqual(await stored(world, board, photoresistor), [0, 100, 58]);
  },

  async 'a right session under a wrong name counts as stale'(world) {
    const { connection, session } = world.boards.first;
    await counted(world, 'espial_s2_stale_total', 1, () =>
      connection.publishAsync('photoresistor/status', `capteur02;${session};1`, { qos: 1 }),
    );
  },

  async 'what is not what the protocol says is counted by its reason and stored nowhere'(world) {
    const { connection, credentials, session } = world.boards.first;
    const long = `${'n'.repeat(30)};${session}`;
    const bad = [
      ['photoresistor/status', `;${session};50`, 'no name'],
      ['state/join', `;${session}`, 'no name'],
      ['photoresistor/status', `${credentials};50;`, "wrong number of parts between ';'"],
      ['state/leave', `${credentials};`, "wrong number of parts between ';'"],
      ['led/status', credentials, "wrong number of parts between ';'"],
      ['photoresistor/status', `${long};50`, 'name of more than 29 characters'],
      ['state/leave', long, 'name of more than 29 characters'],
      ['state/join', '61:EC:ED:3B:25', 'not a MAC address'],
      ['state/join', '61:EC:ED:3B:25:XX', 'not a MAC address'],
      ['state/join', '', 'not a MAC address'],
      ['photoresistor/status', `${credentials};101`, 'value out of range'],
      ['photoresistor/status', `${credentials};abc`, 'value out of range'],
      ['photoresistor/status', `${credentials};-1`, 'value out of range'],
      ['button/status', `${credentials};2`, 'value out of range'],
      ['photoresistor/status', `${credentials}0;50`, 'session id empty or of more than 17 characters'],
      ['photoresistor/status', Buffer.alloc(100_000, 'x'), 'too long'],
      ['state/join', Buffer.alloc(100_000), 'too long'],
    ];
    const rows = () => world.house.sql('SELECT (SELECT count(*) FROM readings), (SELECT count(*) FROM devices)');
    const before = await rows();
    for (const [topic, payload, reason] of bad) {
      await counted(world, refused(reason), 1, () => connection.publishAsync(topic, payload, { qos: 1 }));
    }
    assert.deepEqual(await rows(), before);
  },

  async 'the other boards, and the one that said it, go on undisturbed'(world) {
    for (const board of [world.boards.first, world.boards.web]) {
      assert.equal((await world.house.api.device(lower(board))).online, true);
      await board.photoresistor(41);
      await shows(world, board, photoresistor, 'light_level', 41);
    }
  },

  async 'the log says what was refused, but does not repeat it for ever'({ house, boards }) {
    await house.hub.line(/S2: refused a message on photoresistor\/status: no name: ";/);
    const lines = () => house.hub.err.filter((line) => line.includes('S2: refused')).length;
    await counted({ house }, refused('not a MAC address'), 500, async () => {
      for (let i = 0; i < 500; ++i) boards.first.connection.publish('state/join', 'nobody', { qos: 0 });
    });
    assert.ok(lines() < 50, `${lines()} lines`);
  },

  async 'a command that the board does not obey expires'(world) {
    const board = world.boards.web;
    const followed = world.house.api.follow();
    await until('the events flow', () => followed.events.length > 0);
    const path = `/api/devices/${lower(board)}/commands`;
    const { command_id: id } = await (await world.house.api.send('POST', path, { slot: led, values: { on: 1 } })).json();
    await until('the command has expired', () =>
      followed.events.some(({ data }) => data.command_id === id && data.state === 'expired'),
    );
    followed.stop();
    await followed.ended;
    const offline = `/api/devices/${lower(world.boards.second)}/commands`;
    const answer = await world.house.api.send('POST', offline, { slot: led, values: { on: 1 } });
    assert.equal(answer.status, 503);
    const { code, error } = await answer.json();
    assert.equal(code, 'device_offline');
    assert.match(error, /offline/);
  },

  async 'names are kept over a restart of hub and broker; a retained join is no board that arrives'(world) {
    const { house, boards } = world;
    await boards.first.connection.publishAsync('state/join', 'A4:CF:12:00:00:0A', { qos: 2, retain: true });
    await until('it has arrived while it was news', () => house.api.device('a4:cf:12:00:00:0a'));
    // Somebody else's join after it shows that the hub is done with it.
    await boards.second.join();
    await isOnline(world, boards.second, true);
    const renamed = await house.api.send('PATCH', `/api/devices/${lower(boards.first)}`, { name: 'Atelier' });
    assert.equal(renamed.status, 200);
    assert.equal(await house.hub.stop(), 0);
    await house.startHub();
    await boards.second.join();
    assert.equal(boards.second.name, 'capteur02');
    await boards.first.join();
    assert.equal(boards.first.name, 'Atelier');
    await isOnline(world, boards.first, true);
    // Retained messages come with the subscription, before anybody could join.
    assert.equal(await house.api.count('espial_s2_joins_total'), 2);
    assert.equal(await house.api.count('espial_s2_retained_total'), 0);
    assert.deepEqual(await stored(world, boards.first, photoresistor), [0, 100, 58, 41]);
  },

  async 'a session lives on when the hub dies'(world) {
    const { house, boards } = world;
    assert.equal(await house.hub.stop(), 0);
    await house.startHub('--keep-broker');
    await boards.first.join();
    await isOnline(world, boards.first, true);
    await house.hub.kill();
    await boards.first.led(1);
    await house.startHub('--keep-broker');
    await shows(world, boards.first, led, 'on', 1);
    assert.equal((await house.api.device(lower(boards.first))).online, true);
  },
});
