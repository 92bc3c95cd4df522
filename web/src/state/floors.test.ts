import assert from 'node:assert/strict';
import { test } from 'node:test';
import { floorsOf, stateOf } from './floors';
import type { Device, FieldValue } from './types';

function box(number: number, present: FieldValue, online = true): Device {
  return {
    id: number,
    mac: `02:53:31:00:00:${number.toString(16).padStart(2, '0')}`,
    name: String(number),
    protocol: 's1',
    server: 0,
    module: 0,
    online,
    last_seen: 0,
    joined_at: 0,
    gateway: null,
    rssi: null,
    firmware: '',
    chip: '',
    functions: [{ slot: 0, kind: 'presence', title: '', commands: false, taken_at: 0, values: { present } }],
  };
}

test('boxes stand on their floors, the highest first', () => {
  const floors = floorsOf([box(62, 0), box(41, 1), { ...box(1, 0), protocol: 'espial' }, box(48, 0), box(61, 0)]);
  assert.deepEqual(
    floors.map((floor) => [floor.number, floor.boxes.map((one) => one.number)]),
    [
      [6, [61, 62]],
      [4, [41, 48]],
    ],
  );
});

test('a box is red, green or grey', () => {
  assert.equal(stateOf(box(41, 1)), 'occupied');
  assert.equal(stateOf(box(41, 0)), 'free');
  assert.equal(stateOf(box(41, null)), 'unknown');
  assert.equal(stateOf(box(41, 1, false)), 'unknown');
  assert.equal(stateOf({ ...box(41, 1), functions: [] }), 'unknown');
});
