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

  async 'a configuration is refused with the command that brings it'({ ask, at }) {
    writeFileSync(at('La maison.json'), JSON.stringify({ Peers: [] }));
    for (const [name, typed] of [['Maison.json', `espial configure ${at('Maison.json')}`], ['La maison.json', `espial configure '${at('La maison.json')}'`]]) {
      for (const data of ['data', 'nowhere']) {
        const { code, err, out } = await ask('import', data, at('days'), at(name));
        assert.equal(code, 1);
        assert.ok(err.includes(`${name} is a configuration of S0's`) && err.includes(`\n  ${typed}`), err);
        assert.equal(out, '');
      }
    }
    assert.match((await ask('import', 'data', '--help')).out, /espial configure FILE/);
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
