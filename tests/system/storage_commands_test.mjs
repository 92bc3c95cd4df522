// Readings in and out as people and scripts do it: import, export, backup and restore as programs.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { House } from './lib/house.mjs';
import { espial, run } from './lib/process.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const configuration = {
  Struct: [{ Peers: [{ PeerID: 3, Devices: [{ ID: 1, Type: '0', Title: 'Salon', CtrlID: '1', SP: '8', Hyst: '1' }] }] },
    { DataTypes: [{ Type: '0', F1: 'L' }] }, { HTMLs: [] }, { Titles: [] }],
};
const dayFile = `{"Data":[{"ID":"ESP8266","UID":"2023-04-23T11:45:01","F1_3_1":"21.63"},
{"ID":"ESP8266","UID":"2023-04-23T12:00:01","F1_3_1":"21.7","F1_4_1":"3"},
{"UID":"2023-04-23T12:1`;
const csv = 'time,device,slot,field,value,name,title\n'
  + '2023-04-23T09:45:01.000Z,"S0 module 3",0,0,21.63,temperature,"Salon"\n'
  + '2023-04-23T10:00:01.000Z,"S0 module 3",0,0,21.7,temperature,"Salon"';

async function withDayFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'espial-system-'));
  mkdirSync(join(folder, 'days'));
  writeFileSync(join(folder, 'days', '2023_04_23.JSN'), dayFile);
  writeFileSync(join(folder, 'Maison.json'), JSON.stringify(configuration));
  return {
    at: (name) => join(folder, name),
    ask: (command, data, ...args) => run(espial, [command, '--data', join(folder, data), ...args]),
    close: () => rmSync(folder, { recursive: true }),
  };
}

story('readings in and out', withDayFiles, {
  async 'day files are brought once, and what is left out is told by file and line'({ ask, at }) {
    const words = ['--zone', 'Europe/Paris', '--configuration', at('Maison.json'), '--module', '3=5c:cf:7f:00:00:03'];
    const first = await ask('import', 'data', ...words, at('days'));
    assert.equal(first.code, 0, first.err);
    assert.match(first.out, /2023_04_23\.JSN:2: left out: module 4 is not known/);
    assert.match(first.out, /2023_04_23\.JSN:3: left out: ends in the middle/);
    assert.match(first.out, /2 readings stored, 0 were there already, 2 left out/);
    assert.match((await ask('import', 'data', ...words, at('days'))).out, /0 readings stored, 2 were there already/);
  },

  async 'what is no day file is an error, and the others are brought all the same'({ ask, at }) {
    const words = ['--zone', 'Europe/Paris', '--configuration', at('Maison.json')];
    for (const [name, text] of [['table.csv', 'time,device\n'], ['empty.JSN', ''], ['bytes.JSN', '\u0000\u0001{"Data":[']]) {
      writeFileSync(at(name), text);
      const { code, err, out } = await ask('import', 'data', ...words, at(name), at('days'));
      assert.equal(code, 1, name);
      assert.match(err, new RegExp(`^espial import: .*${name} is no day file of S0's: .*2023_04_23\\.JSN`));
      assert.match(out, /2 files: 0 readings stored, 2 were there already, 2 left out/);
    }
  },

  async 'export writes CSV and JSON lines'({ ask }) {
    assert.equal((await ask('export', 'data')).out.trim(), csv);
    const lines = (await ask('export', 'data', '--format', 'jsonl')).out.trim().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(lines.map((line) => line.value), [21.63, 21.7]);
    assert.deepEqual(lines.map(({ field, name, title }) => [field, name, title]), Array(2).fill([0, 'temperature', 'Salon']));
  },

  async 'what is not there is refused by its name'({ ask, at }) {
    mkdirSync(at('empty'));
    mkdirSync(join(at('keys-only'), 'keys'), { recursive: true });
    for (const [words, refusal] of [
      [['export', 'nowhere'], /there is no data of a hub in .*nowhere/],
      [['backup', 'nowhere', at('nothing')], /there is no data of a hub in .*nowhere/],
      [['export', 'keys-only'], /--data: there is no database .*keys-only/],
      [['export', 'data', '--device', 'nobody'], /there is no device "nobody"/],
      [['restore', 'new', at('nothing')], /does not exist: .*nothing/],
      [['import', 'data', at('empty')], /no day file .* is in .*empty/],
      [['import', 'data', '--configuration', at('nothing'), at('days')], /does not exist: .*nothing/],
    ]) {
      const { code, err, out } = await ask(...words);
      assert.notEqual(code, 0, words.join(' '));
      assert.match(err + out, refusal);
    }
  },

  async 'a backup is restored elsewhere, and not over something'({ ask, at }) {
    assert.equal((await ask('backup', 'data', at('backup'))).code, 0);
    assert.equal((await ask('restore', 'other', at('backup'))).code, 0);
    assert.equal((await ask('export', 'other')).out.trim(), csv);
    const again = await ask('restore', 'other', at('backup'));
    assert.equal(again.code, 1);
    assert.match(again.err, /espial restore: .* exists already/);
  },
});

/** A data directory, and a hub that the tests start and stop. */
async function withHouse() {
  const house = new House();
  const at = (name) => join(house.data, name);
  mkdirSync(at('days'));
  writeFileSync(at('days/2023_04_23.JSN'), dayFile);
  const write = (name, content) => writeFileSync(at(name), typeof content === 'string' ? content : JSON.stringify(content));
  write('Maison.json', configuration);
  return {
    house,
    at,
    write,
    import: (...args) => run(espial, ['import', '--data', house.data, ...args]),
    device: () => house.api.device('5c:cf:7f:00:00:03'),
    readings: async () => (await run(espial, ['export', '--data', house.data])).out.trim().split('\n').length - 1,
    close: () => house.close(),
  };
}
const module3 = ['--zone', 'Europe/Paris', '--module', '3=5c:cf:7f:00:00:03'];
/** More of them are taken back and told by one file than a hub that runs hands to its store at a time. */
const labels = (letter) => Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`${letter}${i}`, 'Cave']));
const told = (name) => new RegExp(`module 3: 1 functions, told as soon as the hub runs\n.*${name}: 1 module, 1 kind, 0 HTMLs, 0 labels brought, 0 left out`);

story('a configuration that is imported', withHouse, {
  async 'is in order, or nothing of the call is imported'({ import: bring, at, write }) {
    write('bad.json', '{"Peers": [\n {"PeerID": 300, "Devices": []}]}');
    write('none.json', '{}');
    write('older.json', { Struct: [{}] });
    mkdirSync(at('other'));
    write('other/Maison.json', { Titles: [] });
    write('big.json', { Peers: [], $schema: 'x'.repeat(70000) });
    for (const [named, refusal] of [
      [['bad.json'], /bad\.json:2: PeerID: write a whole number from 1 to 255; nothing was imported/],
      [['none.json'], /none\.json:1: nothing is in it; write {"Peers": \[\.\.\.\]}/],
      [['older.json'], /older\.json:1: nothing is in it; write/],
      [['Maison.json', 'other/Maison.json'], /Maison\.json and .*other\/Maison\.json would be one page, Maison/],
      [['big.json'], /big\.json is too long: a hub takes files of at most 65536 bytes/],
    ]) {
      const { code, err, out } = await bring(...module3, at('days'), ...named.map(at));
      assert.equal(code, 1, named.join(' '));
      assert.match(err, refusal);
      assert.equal(out, '');
    }
    assert.match((await bring(at('Maison.json'))).err, /there is no data of a hub in/);
  },

  async 'is only checked by a dry run'({ import: bring, at, write }) {
    write('Titel.json', { Peers: [{ PeerID: 4, Titel: 'x', Devices: [] }] });
    const { code, out, err } = await bring('--dry-run', at('Titel.json'), at('Maison.json'));
    assert.equal(code, 0, err);
    assert.match(out, /Titel\.json:1: "Titel" is unknown and left out\n.*Titel\.json is in order: 1 module/);
    assert.match(out, /Maison\.json is in order: 1 module, 1 kind/);
  },

  async 'comes before the day files that it explains, wherever it is named'({ import: bring, at, readings }) {
    const { code, out, err } = await bring(...module3, at('days'), at('Maison.json'));
    assert.equal(code, 0, err);
    assert.match(out, told('Maison\\.json'));
    assert.match(out, /page: \/pages\/Maison\n[^]*1 files: 2 readings stored, 0 were there already, 2 left out/);
    assert.equal(await readings(), 2);
  },

  async 'explains day files of a later call, too, before the hub runs'({ import: bring, at }) {
    const { code, out, err } = await bring('--zone', 'Europe/Paris', at('days'));
    assert.equal(code, 0, err);
    assert.match(out, /0 readings stored, 2 were there already/);
  },

  async 'is what the hub goes by from its next start on'({ house, device }) {
    await house.startHub('--s0');
    assert.deepEqual(await house.api.json('/api/configuration/Maison'), configuration);
    await until('module 3 has what it says', async () => (await device()).functions[0]?.title === 'Salon');
    const { out } = await house.command('audit');
    assert.match(out, /local +configuration\.add +Maison/);
  },

  async 'is brought to the hub that runs, as `configure` does'({ house, import: bring, at, write, device }) {
    const devices = [{ ID: 1, Type: 0, Title: 'Chambre', Colour: 'red' }];
    write('Maison.json', { Peers: [{ PeerID: 3, Devices: devices }], HTMLs: [{ Type: 0, HTML: '<script>x</script>' }], Titles: [labels('a')] });
    const imported = await bring('--hub', house.url, at('Maison.json'));
    assert.equal(imported.code, 0, imported.err);
    assert.match(imported.out, /module 3: 1 functions, told\n/);
    assert.match(imported.out, /Maison\.json:1: "Colour" is unknown and left out\nleft out of the HTML of type 0: <script>\n/);
    assert.match(imported.out, /1 module, 0 kinds, 1 HTML, 900 labels brought, 2 left out\npage: \/pages\/Maison$/);
    assert.deepEqual((await house.command('configure', at('Maison.json'))), imported);
    await until('module 3 has what it says', async () => (await device()).functions[0]?.title === 'Chambre');
  },

  async 'waits with its day files for the hub to be stopped'({ house, import: bring, at, device }) {
    const { code, err, out } = await bring(at('days'), at('Maison.json'));
    assert.equal(code, 1);
    assert.match(err, /a hub runs on .*, and day files are brought to one that is stopped: stop it and type the same again/);
    assert.match(err, /to the hub that runs it is brought when it is named alone; nothing was imported/);
    assert.equal(out, '');
    assert.equal((await device()).functions[0].title, 'Chambre');
  },

  async 'takes back what it no longer says, of a stopped hub, too'({ house, import: bring, at, write }) {
    await house.hub.stop();
    write('Maison.json', { Peers: [{ PeerID: 4, Devices: [{ ID: 1, Type: 2, Title: 'Lampe' }] }], Titles: [labels('b')] });
    const { code, out, err } = await bring(at('Maison.json'));
    assert.equal(code, 0, err);
    assert.match(out, /module 4: 1 functions, told as soon as the hub runs/);
    write('Cave.json', { ServerID: 9, Peers: [] });
    const foreign = await bring(at('Cave.json'));
    assert.equal(foreign.code, 1);
    assert.match(foreign.err, /ServerID is 9, this hub's is 1/);
    const documents = (collection) => house.sql(`SELECT name, body FROM documents WHERE collection = '${collection}'`);
    assert.deepEqual(Object.fromEntries(await documents('s0.sensors')), labels('b'));
    assert.deepEqual(await documents('configuration.owed'), [['modules', '[3]']]);
    await house.startHub('--s0');
    await until('module 3 has no functions any more', async () => (await house.api.device('5c:cf:7f:00:00:03')).functions.length === 0);
  },
});

async function withBroughtModule() {
  const house = new House();
  const at = (name) => join(house.data, name);
  writeFileSync(at('2023_04_23.JSN'), dayFile);
  writeFileSync(at('Maison.json'), JSON.stringify(configuration));
  const words = ['--zone', 'Europe/Paris', '--configuration', at('Maison.json'), '--module', '3=5c:cf:7f:00:00:03'];
  const { code, err } = await run(espial, ['import', '--data', house.data, ...words, at('2023_04_23.JSN')]);
  assert.equal(code, 0, err);
  return { house, close: () => house.close() };
}

story('a module that was brought and never paired', withBroughtModule, {
  async 'is shown with its functions, and its history with them'({ house }) {
    await house.startHub();
    const { functions } = await house.api.device('5c:cf:7f:00:00:03');
    assert.deepEqual(functions.map(({ slot, kind, title }) => [slot, kind, title]), [[0, 'thermostat', 'Salon']]);
    const span = `from=${Date.UTC(2023, 3, 23)}&to=${Date.UTC(2023, 3, 24)}`;
    const found = await house.api.json(`/api/devices/5c:cf:7f:00:00:03/history?slot=0&field=temperature&${span}`);
    assert.deepEqual(found.points.map(([, mean]) => mean), [21.63, 21.7]);
  },

  async 'and with those that the hub is told, and their limits'({ house }) {
    await house.hub.stop();
    await house.startHub('--s0');
    const devices = [{ ID: 1, Type: '0', Title: 'Chambre', Min: 18 }, { ID: 2, Type: '2', Title: 'Lampe' }];
    const answer = await house.api.send('PUT', '/api/configuration/Maison', { Peers: [{ PeerID: 3, Devices: devices }] });
    assert.equal(answer.status, 200);
    const { functions } = await house.api.device('5c:cf:7f:00:00:03');
    assert.deepEqual(functions.map(({ kind, title }) => [kind, title]), [['thermostat', 'Chambre'], ['relay', 'Lampe']]);
    await until('the limits are there', async () =>
      (await house.api.device('5c:cf:7f:00:00:03')).functions[0].limits?.minimum === 18);
  },
});
