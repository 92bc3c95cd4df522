// New boards of S0, S1 and S2 in the place of broken ones: what they get, what becomes of the broken one, what is
// refused, and that it holds over a hub that is killed.
import assert from 'node:assert/strict';
import { Board } from './lib/board.mjs';
import { BoxNode } from './lib/box_node.mjs';
import { openPage } from './lib/browser.mjs';
import { House } from './lib/house.mjs';
import { freePort } from './lib/ports.mjs';
import { espial, run } from './lib/process.mjs';
import { S0Board } from './lib/s0_board.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const always = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, ['00:00-24:00']]));
const led = 0;
const photoresistor = 2;

const cli = ({ house }, ...args) => run(espial, [...args, '--hub', house.url]);

async function done(world, ...args) {
  const { code, out, err } = await cli(world, ...args);
  assert.equal(code, 0, err);
  return out;
}

async function refused(world, words, ...args) {
  const { code, err } = await cli(world, ...args);
  assert.equal(code, 1);
  assert.match(err, words);
}

const online = (world, word, expected = true) =>
  until(`${word} is ${expected ? 'online' : 'offline'}`, async () => (await world.house.api.device(word))?.online === expected);

const means = async ({ house }, mac, slot, field) => (await house.api.history(mac, slot, field)).map(([, mean]) => mean);

async function audited(world, words) {
  await until(`the audit log has ${words}`, async () => {
    const { out } = await cli(world, 'audit', '--limit', '50', '--data', world.house.data);
    return words.test(out);
  });
}

async function setup() {
  const house = new House();
  const port = await freePort();
  const world = {
    house,
    port,
    boards: {},
    nodes: [],
    startHub: () => house.startHub('--dispobox', `127.0.0.1:${port}`, '--keep-broker'),
    board(key, mac) {
      this.boards[key] = new Board(house.broker, mac);
      return this.boards[key];
    },
    node(says) {
      const node = new BoxNode(port, says);
      this.nodes.push(node);
      return node;
    },
    async boxes() {
      const { data } = await house.api.json('/dispobox/?action=getAllBoxes');
      return Object.fromEntries(data.map(({ id, name, state }) => [id, `${name}: ${state}`]));
    },
    async close() {
      for (const node of this.nodes) node.socket.destroy();
      for (const board of Object.values(this.boards)) await board.end();
      await house.close();
    },
  };
  await world.startHub();
  await house.api.send('PUT', '/api/dispobox/hours', { week: always });
  return world;
}

const macs = { hall: '61:ec:ed:3b:25:b1', spare: '61:ec:ed:3b:25:b2' };
const address = (box) => `02:53:31:00:00:${box.toString(16).padStart(2, '0')}`;

story('boards over MQTT and boxes of DispoBox are replaced', setup, {
  async 'a board with a name, a past, a group and an alarm breaks'(world) {
    const hall = await world.board('hall', macs.hall.toUpperCase()).join();
    await online(world, macs.hall);
    await done(world, 'group', 'save', 'Lamps', `${macs.hall}:${led}`);
    await done(world, 'alarm', 'save', 'Dark', macs.hall, 'light_level', '--slot', `${photoresistor}`, '--below', '5');
    await hall.photoresistor(10);
    await until('it is stored', async () => (await means(world, macs.hall, photoresistor, 'light_level')).length === 1);
    assert.equal((await world.house.api.send('PATCH', `/api/devices/${macs.hall}`, { name: 'Hall' })).status, 200);
    const spare = await world.board('spare', macs.spare.toUpperCase()).join();
    await online(world, macs.spare);
    await refused(world, /Hall, which is to be replaced, is online; switch it off first/, 'replace', 'Hall', 'capteur02');
    await refused(world, /the hub does not know the new board/, 'replace', 'Hall', '61:ec:ed:3b:25:b9');
    await spare.photoresistor(70);
    hall.vanish();
    await online(world, 'Hall', false);
  },

  async 'a board of another protocol can not take its place, nor it that one\'s'(world) {
    world.nodes.first = world.node('411');
    await online(world, '41');
    await refused(world, /Hall is a board that speaks MQTT itself, 41 is a box of DispoBox: .*forget Hall and give its name to 41/,
      'replace', 'Hall', '41');
    const answer = await world.house.api.send('POST', '/api/replace', { broken: macs.hall, with: address(41) });
    assert.equal(answer.status, 422);
    assert.equal((await answer.json()).code, 'other_protocol');
  },

  async 'a new board gets name, history, group and alarm, and is told its name'(world) {
    const { house, boards } = world;
    await boards.spare.connection.subscribeAsync('state/nameAssign', { qos: 2 });
    const out = await done(world, 'replace', 'Hall', 'capteur02');
    assert.match(out, new RegExp(`Hall .*${macs.spare}`));
    const device = await house.api.device('Hall');
    assert.deepEqual([device.mac, device.online], [macs.spare, true]);
    assert.equal(await house.api.device(macs.hall), undefined);
    assert.equal(await house.api.device('capteur02'), undefined);
    const told = `${boards.spare.mac};Hall;${boards.spare.session}`;
    await until('the board is told', () => boards.spare.connection.heard.some(({ text }) => text === told));
    assert.deepEqual((await house.api.json('/api/groups')).groups[0].members, [{ mac: macs.spare, slot: led }]);
    assert.equal((await house.api.json('/api/alarms')).alarms[0].device, macs.spare);
    assert.deepEqual(await means(world, macs.spare, photoresistor, 'light_level'), [10], 'what it measured before is not Hall\'s');
    await audited(world, new RegExp(`local +device\\.replace +${macs.hall} "Hall" by ${macs.spare}`));
  },

  async 'killed and started again, the hub hears it under either name'(world) {
    const { house, boards } = world;
    await house.hub.kill();
    await world.startHub();
    assert.equal((await house.api.devices()).filter(({ protocol }) => protocol === 's2').length, 1);
    await boards.spare.photoresistor(20);
    await until('it is stored', async () => (await means(world, macs.spare, photoresistor, 'light_level')).length === 2);
    boards.spare.name = 'Hall';
    await boards.spare.photoresistor(30);
    await until('that, too', async () => (await means(world, macs.spare, photoresistor, 'light_level')).length === 3);
    assert.deepEqual(await means(world, macs.spare, photoresistor, 'light_level'), [10, 20, 30]);
    assert.deepEqual((await house.api.json('/api/groups')).groups[0].members, [{ mac: macs.spare, slot: led }]);
    assert.equal((await house.api.json('/api/alarms')).alarms[0].device, macs.spare);
  },

  async 'the broken one is stale in its session, and a new board if it joins again'(world) {
    const { house, boards } = world;
    const { name, session } = boards.hall;
    const before = await house.api.count('espial_s2_stale_total');
    await boards.spare.connection.publishAsync('photoresistor/status', `${name};${session};99`, { qos: 1 });
    await until('it is discarded', async () => (await house.api.count('espial_s2_stale_total')) > before);
    await boards.hall.join();
    assert.match(boards.hall.name, /^capteur/);
    await online(world, macs.hall);
    await boards.hall.photoresistor(99);
    await until('it is stored', async () => (await means(world, macs.hall, photoresistor, 'light_level')).length === 1);
    assert.deepEqual(await means(world, macs.hall, photoresistor, 'light_level'), [99]);
    assert.deepEqual(await means(world, macs.spare, photoresistor, 'light_level'), [10, 20, 30]);
  },

  async 'a box goes on under its number when the board of another one stands for it'(world) {
    const { house, nodes } = world;
    // The one before went with the hub.
    nodes.first = world.node('411');
    await until('somebody is in', async () => (await world.boxes())['41'] === '41: 1');
    assert.equal((await house.api.send('PATCH', `/api/devices/${address(41)}`, { name: 'Salle Ada' })).status, 200);
    await done(world, 'alarm', 'save', 'Taken', 'Salle Ada', 'present', '--above', '0.5');
    nodes.first.socket.destroy();
    nodes.second = world.node('990');
    await online(world, '99');
    await online(world, 'Salle Ada', false);
    assert.match(await done(world, 'replace', 'Salle Ada', '99'), new RegExp(`Salle Ada .*${address(41)}`));
    await until('it is free', async () => (await world.boxes())['41'] === 'Salle Ada: 0');
    assert.deepEqual(Object.keys(await world.boxes()), ['0', '41']);
    assert.equal(await house.api.device(address(99)), undefined);
    assert.equal((await house.api.json('/api/alarms')).alarms.find(({ name }) => name === 'Taken').device, address(41));
    await audited(world, new RegExp(`device\\.replace +${address(41)} "Salle Ada" by ${address(99)}`));
  },

  async 'so it does in a hub that was killed, and the broken board is not heard'(world) {
    const { house, nodes } = world;
    await house.hub.kill();
    await world.startHub();
    nodes.third = world.node('991');
    await until('somebody is in', async () => (await world.boxes())['41'] === 'Salle Ada: 1');
    assert.equal((await house.api.device('Salle Ada')).online, true);
    nodes.fourth = world.node('410');
    await house.hub.line(/a board says that it is box 41, for which another board stands/);
    assert.deepEqual(await world.boxes(), { 0: '0: 0', 41: 'Salle Ada: 1' });
    nodes.third.socket.destroy();
    await until('nothing is known of it', async () => (await world.boxes())['41'] === 'Salle Ada: -1');
    assert.ok((await house.api.count('espial_dispobox_displaced_total')) > 0);
    assert.deepEqual(Object.keys(await world.boxes()), ['0', '41']);
  },
});

const s0Macs = { workshop: '5e:50:1a:30:00:01', shed: '5e:50:1a:30:00:02', same: '5e:50:1a:20:00:c9', other: '5e:50:1a:20:00:ca' };
const thermostat = 0;
const thermometer = 1;

async function s0Setup() {
  const house = new House();
  const world = {
    house,
    boards: [],
    startHub: (...options) => house.startHub('--pair', '10', '--keep-broker', '--s0', ...options),
    async board(mac, number) {
      const board = await new S0Board(mac, number, house.airPort).start();
      this.boards.push(board);
      return board;
    },
    async close() {
      for (const board of this.boards) board.stop();
      await this.browser?.close();
      await house.close();
    },
  };
  await world.startHub(
    ...['--s0-module', '201=thermostat:Heating,relay:Lamp', '--s0-module', '202=relay:Spare'],
    ...['--s0-module', '203=thermometer:Shed'],
  );
  await house.startRadio();
  return world;
}

/** What the broken ones measured; nothing in the simulated house is as cold. */
const frost = -10.5;
const temperatures = (world, mac) => means(world, mac, 0, 'temperature');

story('modules of S0 are replaced', s0Setup, {
  async 'two modules have paired, said something, and break'(world) {
    const { house } = world;
    for (const [name, mac, number, type] of [['Workshop', s0Macs.workshop, 201, thermostat], ['Shed', s0Macs.shed, 203, thermometer]]) {
      const board = await (await world.board(mac, number)).pair();
      // Frames are lost now and then, and S0 knows no answer.
      await until('it is stored', async () => {
        board.say(1, type, frost);
        return (await temperatures(world, mac)).length > 0;
      }, { lookMs: 500 });
      assert.equal((await house.api.send('PATCH', `/api/devices/${mac}`, { name })).status, 200);
    }
    await done(world, 'group', 'save', 'Lamps', 'Workshop:1');
    for (const board of world.boards.splice(0)) board.stop();
    // Without waiting until they have been silent for long enough.
    await house.hub.kill();
    await world.startHub();
    assert.equal((await house.api.device('Workshop')).online, false);
  },

  async 'boards with S0\'s firmware come: one of another number, and one that asks for a broken one\'s'(world) {
    const { house } = world;
    const at = ['--air', house.air, '--data', house.data];
    house.start('house', ['house', ...at, '--modules', '1', '--s0']);
    await online(world, s0Macs.other);
    const asking = await until('the other asks in vain', async () => {
      const list = (await house.api.json(`/api/replace?broken=${s0Macs.workshop}`)).asking;
      return list.length > 0 && list;
    });
    assert.deepEqual(asking.map(({ mac }) => mac), [s0Macs.same]);
    await house.hub.line(/asks to be module 201, which is Workshop.*espial replace "Workshop" 5e:50:1a:20:00:c9/);
    await refused(world, /the hub does not know the new board/, 'replace', 'Shed', s0Macs.shed.replace('02', '77'));
    const keyed = await until('an Espial module joins', async () => (await house.api.devices()).find(({ protocol }) => protocol === 'espial'));
    await refused(world, /is a module of S0's, .* is a module of Espial's/, 'replace', 'Shed', keyed.name);
  },

  async 'the one that asks takes the place, with what is configured for it'(world) {
    const { house } = world;
    world.browser = await openPage(`${house.url}/#module/${s0Macs.workshop}`);
    const { page } = world.browser;
    const replace = page.getByRole('region', { name: 'Replace a broken board', exact: true });
    await replace.getByLabel('New board').selectOption(s0Macs.same);
    await replace.getByRole('button', { name: 'Replace' }).click();
    await replace.getByText(`The board ${s0Macs.same} becomes “Workshop”`).waitFor();
    await replace.getByRole('group').getByRole('button', { name: 'Replace' }).click();
    await page.waitForURL(({ hash }) => hash === `#module/${s0Macs.same}`);
    await page.getByRole('heading', { name: 'Workshop' }).waitFor();
    await online(world, 'Workshop');
    await until('it measures', async () => (await temperatures(world, s0Macs.same)).some((value) => value !== frost));
    const device = await house.api.device('Workshop');
    assert.deepEqual([device.mac, device.module], [s0Macs.same, 201]);
    assert.deepEqual(device.functions.map(({ title }) => title), ['Heating', 'Lamp']);
    assert.equal((await temperatures(world, s0Macs.same))[0], frost);
    assert.equal(await house.api.device(s0Macs.workshop), undefined);
    assert.deepEqual((await house.api.json('/api/groups')).groups[0].members, [{ mac: s0Macs.same, slot: 1 }]);
    await audited(world, new RegExp(`device\\.replace +${s0Macs.workshop} "Workshop" by ${s0Macs.same}`));
    await done(world, 'group', 'set', 'Lamps', 'on', 'on');
    await until('its lamp is on', async () => (await house.api.values('Workshop', 1)).on === 1);
  },

  async 'the one of another number starts again and does what the broken one did'(world) {
    const { house } = world;
    await done(world, 'replace', 'Shed', s0Macs.other);
    await online(world, 'Shed');
    await until('it measures', async () => (await temperatures(world, s0Macs.other)).some((value) => value !== frost));
    const device = await house.api.device('Shed');
    assert.deepEqual([device.mac, device.module], [s0Macs.other, 203]);
    assert.deepEqual(device.functions.map(({ title }) => title), ['Shed']);
    assert.equal((await temperatures(world, s0Macs.other))[0], frost);
  },

  async 'so they do in a hub that was killed, and the broken ones are refused'(world) {
    const { house } = world;
    await house.hub.kill();
    await world.startHub();
    await online(world, 'Workshop');
    await online(world, 'Shed');
    const { joined_at: joined } = await house.api.device('Shed');
    await done(world, 'restart', 'Shed');
    const again = await until('it has paired again', async () => {
      const device = await house.api.device(s0Macs.other);
      return device.joined_at > joined && device;
    });
    assert.deepEqual([again.name, again.module, again.functions.length], ['Shed', 203, 1]);
    const broken = await world.board(s0Macs.shed, 203);
    const taken = 'espial_s0_refused_total{reason="module_taken"}';
    await until('it is refused', async () => {
      broken.search();
      return (await house.api.metrics())[taken] > 0;
    }, { lookMs: 200 });
    assert.deepEqual(broken.radio.heard.filter((body) => body.length === 46), [], 'nobody tells it to come in');
    const s0 = (await house.api.devices()).filter(({ protocol }) => protocol === 's0');
    assert.deepEqual(s0.map(({ name }) => name).sort(), ['Shed', 'Workshop']);
    assert.equal((await house.api.device('Shed')).mac, s0Macs.other);
  },
});
