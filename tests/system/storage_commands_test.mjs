// Readings in and out as people and scripts do it: import, export, backup and restore as programs.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { espial, run } from './lib/process.mjs';
import { story } from './lib/story.mjs';

const configuration = {
  Struct: [{ Peers: [{ PeerID: 3, Devices: [{ ID: 1, Type: '0', Title: 'Salon', CtrlID: '1', SP: '8', Hyst: '1' }] }] },
    { DataTypes: [{ Type: '0', F1: 'L' }] }, { HTMLs: [] }, { Titles: [] }],
};
const dayFile = `{"Data":[{"ID":"ESP8266","UID":"2023-04-23T11:45:01","F1_3_1":"21.63"},
{"ID":"ESP8266","UID":"2023-04-23T12:00:01","F1_3_1":"21.7","F1_4_1":"3"},
{"UID":"2023-04-23T12:1`;
const csv = 'time,device,slot,field,value\n'
  + '2023-04-23T09:45:01.000Z,"S0 module 3",0,0,21.63\n2023-04-23T10:00:01.000Z,"S0 module 3",0,0,21.7';

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
