import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs } from './backoff';
import { summarize } from './history';
import { selectDevices, type View } from './select';
import type { Device } from './types';

function device(id: number, name: string, more: Partial<Device> = {}): Device {
  return {
    id,
    mac: `24:6f:28:00:00:0${id}`,
    name,
    protocol: 'espial',
    server: 1,
    module: id,
    online: true,
    last_seen: id,
    joined_at: 0,
    gateway: null,
    rssi: -40 - id,
    firmware: '',
    chip: '',
    functions: [],
    ...more,
  };
}

const all = [device(1, 'Lamp 10'), device(2, 'lamp 9', { online: false }), device(3, 'Café'), device(4, 'Cellar', { rssi: null })];
const view: View = { search: '', offlineOnly: false, sort: 'name', layout: 'cards' };
const names = (change: Partial<View>): string[] => selectDevices(all, { ...view, ...change }, 'en').map((d) => d.name);

test('names are sorted as people count', () => {
  assert.deepEqual(names({}), ['Café', 'Cellar', 'lamp 9', 'Lamp 10']);
});

test('other orders', () => {
  assert.deepEqual(names({ sort: 'recent' }), ['Cellar', 'Café', 'lamp 9', 'Lamp 10']);
  assert.deepEqual(names({ sort: 'signal' }), ['Café', 'lamp 9', 'Lamp 10', 'Cellar']);
});

test('a search needs neither case nor accents, and knows addresses', () => {
  assert.deepEqual(names({ search: ' CAFE' }), ['Café']);
  assert.deepEqual(names({ search: '00:04' }), ['Cellar']);
  assert.deepEqual(names({ search: 'nothing' }), []);
});

test('only those offline', () => {
  assert.deepEqual(names({ offlineOnly: true }), ['lamp 9']);
});

test('backoff doubles to its limit and spreads', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 50].map((n) => backoffMs(n, 0)), [1000, 2000, 4000, 8000, 15000, 15000]);
  assert.equal(backoffMs(0, 0.5), 900);
});

test('the least and greatest of a history skip the gaps', () => {
  assert.deepEqual(summarize([]), { min: null, max: null });
  assert.deepEqual(summarize([[1, 2, 1, 3], [2, null, null, null], [3, 5, -4, 9]]), { min: -4, max: 9 });
});
