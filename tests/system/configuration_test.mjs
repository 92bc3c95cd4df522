// S0's configuration file: brought to the hub while it runs, pushed to a module, shown as a page.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { House } from './lib/house.mjs';
import { espial, run } from './lib/process.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const mac = '5e:50:1a:20:00:01';
const file = {
  Interval: '600',
  Peers: [
    { PeerID: 3, Devices: [{ ID: 1, Type: '1', Title: 'Salon <b>', Min: 5, Max: '25.5' }, { ID: 2, Type: 2, Title: 'Lampe' }] },
    { PeerID: 9, Devices: [{ ID: 1, Type: '7', Title: 'Piscine' }] },
  ],
  DataTypes: [{ Type: '1', F1: { Title: 'Air', Unit: '°C', Log: true } }, { Type: 2, U1: '' }, { Type: 7, Title: 'pH', F1: { Title: 'pH', Unit: 'pH', Log: true } }],
  HTMLs: [{ Type: 1, HTML: '<p class="t" onclick="x()">$Title: $F1 °C, $F9<script>alert(1)</script></p>' }],
  Titles: [{ '28ff641e8216c4a1': 'Cuisine' }],
};

async function setup() {
  const house = new House();
  await house.startHub('--pair', '10', '--keep-broker');
  await house.startRadio();
  const path = join(house.data, 'Maison.json');
  return {
    house,
    path,
    write: (text) => writeFileSync(path, text),
    cli: (...args) => run(espial, [...args, '--hub', house.url]),
    title: async (slot) => (await house.api.device(mac)).functions.find((one) => one.slot === slot).title,
    close: () => house.close(),
  };
}

const schema = new Ajv({ allErrors: true }).compile(JSON.parse(readFileSync('protocol/s0_config.schema.json', 'utf8')));
/** The example of the documentation. */
const example = JSON.parse(/^ {4}\{"ServerID"[^]*?\n\n/m.exec(readFileSync('docs/configuration.md', 'utf8'))[0]);

story("a configuration file of S0's", setup, {
  async 'the schema and the hub agree on what is one'(world) {
    const { Peers, DataTypes, HTMLs, Titles } = example;
    const older = { Struct: [{ Peers }, { DataTypes }, { HTMLs }, { Titles }] };
    const itsServers = {
      Peers: [{ PeerID: 3, Devices: [{ ID: 1, Type: '0', Title: 'Bain', CtrlID: '9', SP: '8', Hyst: '1' }] }],
      DataTypes: [{ Title: '', F1: 'L', F2: '', U1: 'T', up: '', down: '', MsgID: '' }, { F1: 21, MsgID: 0 }, { U1: '', btnOn: '', btnOff: '' }],
      HTMLs: [{ HTML: '<span id="$F1"></span>' }],
      Titles: [{ '28:7e:c6:38:0a:00:00:15': 'Bain' }],
    };
    for (const good of [example, older, itsServers, file, { ...file, $schema: 'x', Titles: [] }]) {
      assert.ok(schema(good), JSON.stringify(schema.errors));
      assert.equal((await world.house.api.send('PUT', '/api/configuration/Exemple', good)).status, 200);
    }
    const module3 = { PeerID: 3, Devices: [{ ID: 1, Type: 0 }] };
    const bad = [[], {}, { Struct: [] }, { Struct: [{}] }, { Peers: {} }, { Peers: [{ PeerID: 3 }] }, { Peers: [{ ...module3, Devices: [{ ID: 1 }] }] },
      { Peers: [{ PeerID: 3, Devices: Array(13).fill({ ID: 1, Type: 0 }) }] }, { Peers: [{ PeerID: 'three', Devices: [] }] },
      { Peers: [{ ...module3, Devices: [{ ID: 1, Type: 0, Title: 'x'.repeat(65) }] }] }, { Peers: [module3], DataTypes: [{ Type: 7, X1: 'L' }] },
      { Peers: [module3], DataTypes: [{ Type: 7, U1: { Set: true } }] },
      { Peers: [module3], Interval: [] }, { Peers: [module3], HTMLs: [{ Type: 0 }] }, { Peers: [module3], Titles: [{ a: 1 }] },
      { Peers: [module3], Titles: [{ '': 'x' }] }, { Peers: [module3], Titles: [{ ['x'.repeat(65)]: 'x' }] }];
    for (const one of bad) {
      assert.ok(!schema(one), JSON.stringify(one).slice(0, 80));
      assert.equal((await world.house.api.send('PUT', '/api/configuration/Exemple', one)).status, 422, JSON.stringify(one).slice(0, 80));
    }
    // The hub leaves names out that nobody reads; an editor marks them, in both forms.
    const misspelt = { PeerID: 3, Intervall: 60, Devices: [{ ID: 1, Type: 0, Titel: 'Salon' }] };
    for (const one of [{ Peers: [misspelt] }, { Struct: [{ Peers: [misspelt] }] }]) {
      assert.ok(!schema(one), JSON.stringify(one));
      const answer = await world.house.api.send('PUT', '/api/configuration/Exemple', one);
      assert.deepEqual((await answer.json()).skipped, [
        { line: 1, name: 'Intervall', nearest: 'Interval' }, { line: 1, name: 'Titel', nearest: 'Title' }]);
    }
    assert.equal((await world.house.api.send('DELETE', '/api/configuration/Exemple', {})).status, 200);
  },

  async 'errors name file, line and what to write'(world) {
    world.write('{\n "Peers": [\n  {"PeerID": 300, "Devices": []}]}');
    const { code, err } = await world.cli('configure', world.path);
    assert.equal(code, 1);
    assert.equal(err, `${world.path}:3: PeerID: write a whole number from 1 to 255`);
    const answer = await world.house.api.send('PUT', '/api/configuration/Maison', { Peer: [] });
    assert.equal(answer.status, 422);
    assert.match((await answer.json()).error, /^Maison\.json:1: "Peer" is unknown; write Peers/);
  },

  async 'names that nobody reads are told by the command line, with what was probably meant'(world) {
    world.write('{"Peers": [\n  {"PeerID": 200, "Intervall": 60, "Devices": [],\n   "Colour": "red"}]}');
    const told = `${world.path}:3: "Colour" is unknown and left out\n`
      + `${world.path}:2: "Intervall" is unknown and left out; did you mean "Interval"?`;
    for (const words of [[], ['--check']]) {
      const { code, out, err } = await world.cli('configure', world.path, ...words);
      assert.equal(code, 0, err);
      assert.ok(out.includes(told), out);
    }
    assert.equal((await world.house.api.send('DELETE', '/api/configuration/Maison', {})).status, 200);
  },

  async 'it may come from another program'(world) {
    const { code, out, err } = await run('bash', ['-c', `${espial} configure --check <(cat ${world.path})`]);
    assert.equal(code, 0, err);
    assert.match(out, /is in order: 1 module/);
  },

  async 'it takes effect while a module runs'(world) {
    const kinds = ['--function', 'temperature', '--function', 'relay', '--mac', mac, '--module', '3'];
    world.node = await world.house.startNode('--name', 'Hall', ...kinds, '--settings', `${world.house.data}/n.settings`);
    world.write(JSON.stringify(file));
    const { code, out, err } = await world.cli('configure', world.path);
    assert.equal(code, 0, err);
    assert.match(out, /module 3: 2 functions, told/);
    assert.match(out, /module 9: 1 functions, not there yet/);
    assert.match(out, /left out of the HTML of type 1: onclick/);
    assert.match(out, /left out of the HTML of type 1: <script>/);
    await until('the titles are there', async () => (await world.title(0)) === 'Salon <b>' && (await world.title(1)) === 'Lampe');
  },

  async 'its page shows values escaped and no script'(world) {
    world.node.say('0 21.5');
    await until('the value is there', async () => (await world.house.api.values('Hall', 0)).temperature === 21.5);
    const answer = await world.house.api.get('/pages/Maison');
    const page = await answer.text();
    assert.match(answer.headers.get('content-type'), /text\/html/);
    assert.ok(page.includes('<p class="t">Salon &lt;b&gt;: 21.5 °C, $F9</p>'), page);
    assert.ok(!page.includes('<script'), page);
    assert.equal((await world.house.api.get('/pages/Nowhere')).status, 404);
  },

  async 'limits, titles and units are in the API, under the same names in every answer'(world) {
    const followed = world.house.api.follow();
    await until('the page is there', () => followed.events.length > 0);
    world.node.say('0 26.5');
    const reading = await until('the reading is told', () =>
      followed.events.find(({ event, data }) => event === 'reading' && data.values.temperature === 26.5),
    );
    followed.stop();
    const [salon, lamp] = (await world.house.api.device(mac)).functions;
    for (const one of [salon, reading.data]) {
      assert.deepEqual(one.limits, { minimum: 5, maximum: 25.5 });
      assert.deepEqual(one.fields, { temperature: { title: 'Air', unit: '°C' } });
    }
    assert.equal(lamp.limits, undefined);
  },

  async 'what bears no mark is shown and not stored'(world) {
    world.node.say('1 1');
    await until('the lamp is shown lit', async () => (await world.house.api.values('Hall', 1)).on === 1);
    assert.deepEqual(await world.house.api.history(mac, 1, 'on'), []);
    assert.deepEqual((await world.house.api.history(mac, 0, 'temperature')).map(([, mean]) => mean), [21.5, 26.5]);
  },

  async 'the module reports as often as it is told'(world) {
    const means = async () => (await world.house.api.history(mac, 0, 'temperature')).length;
    const before = await means();
    assert.equal((await world.house.api.device(mac)).interval_s, 600, 'pages know how often it reports');
    const faster = structuredClone(file);
    faster.Peers[0].Interval = 1;
    world.write(JSON.stringify(faster));
    assert.equal((await world.cli('configure', world.path)).code, 0);
    await until('it measures by itself', async () => (await means()) >= before + 2);
    world.write(JSON.stringify(file));
    assert.equal((await world.cli('configure', world.path)).code, 0);
  },

  async "a thermostat keeps to its module's week"(world) {
    const heating = '5e:50:1a:20:00:02';
    const kinds = ['--function', 'temperature', '--function', 'thermostat', '--mac', heating, '--module', '4'];
    const bring = async (line) => {
      const devices = [{ ID: 1, Type: 1 }, { ID: 2, Type: '0', Week: [line] }];
      const week = { Peers: [{ PeerID: 4, Airtime: 500, Devices: devices }] };
      assert.equal((await world.house.api.send('PUT', '/api/configuration/Bain', week)).status, 200);
    };
    const setPoint = async () => (await world.house.api.values('Bath', 1)).set_point;
    const board = await world.house.startNode('--name', 'Bath', ...kinds);
    await bring('Mon 00:00 26.5');
    await until('it keeps to the week', async () => (await setPoint()) === 26.5);
    await bring('Mon 00:00 off');
    await until('it is off', async () => (await setPoint()) === null);
    await bring('Mon-Sun 07:15 17.25');
    await until('it is on again', async () => (await setPoint()) === 17.25);
    const page = async () => (await world.house.api.get('/pages/Bain', { 'accept-language': 'fr' })).text();
    assert.ok((await page()).includes('<h2>Bath</h2>'));
    await board.stop();
    await until('its page says that it is offline', async () => (await page()).includes('<h2>Bath <small>(hors ligne)</small></h2>'));
    assert.equal((await world.house.api.send('DELETE', '/api/configuration/Bain', {})).status, 200);
  },

  async 'a hub that starts again has it all'(world) {
    await world.house.hub.stop();
    await world.house.startHub('--pair', '10', '--keep-broker');
    assert.deepEqual(await world.house.api.json('/api/configuration/Maison'), file);
    assert.equal(await world.title(1), 'Lampe');
    assert.deepEqual((await world.house.api.device(mac)).functions[0].limits, { minimum: 5, maximum: 25.5 });
    const [page] = (await world.house.api.json('/api/configuration')).pages;
    assert.deepEqual(page.modules.map(({ module, device }) => [module, device]), [[3, mac], [9, null]]);
    assert.equal((await world.house.api.send('DELETE', '/api/configuration/Maison', {})).status, 200);
    assert.equal((await world.house.api.get('/pages/Maison')).status, 404);
  },

  async 'the doctor finds nothing urgent in a healthy house, and a gateway that is gone'(world) {
    const healthy = await world.cli('doctor');
    assert.equal(healthy.code, 0, healthy.out + healthy.err);
    await world.house.gateway.stop();
    await until('the gateway is offline', async () => !(await world.house.api.system()).gateways[0].online);
    const sick = await world.cli('doctor');
    assert.equal(sick.code, 2);
    assert.match(sick.out, /^WRONG {2}gateway \S+ is offline\n {2}-> give it power/m);
  },
});
