import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandGivenUpMs, initialState, isWaiting, keyOf, outcomeShownMs, reduce, type State } from './reducer';
import type { CommandFate, Device, Reading, Snapshot, TakenCommand } from './types';

const mac = '24:6f:28:00:00:07';
const lamp: Device = {
  id: 7,
  mac,
  name: 'Lamp',
  protocol: 'espial',
  server: 1,
  module: 7,
  online: true,
  last_seen: 1000,
  joined_at: 0,
  gateway: null,
  rssi: null,
  firmware: '',
  chip: '',
  functions: [{ slot: 0, kind: 'relay', title: '', commands: true, taken_at: 1000, values: { on: 0 } }],
};
const system = {
  broker: { connected: true, address: '', since: 0 },
  store: { ok: true, engine: 'sqlite', reason: '', code: '' },
  gateways: [],
  alarms: [],
  version: '0.1.0',
  s2_open: false,
  certificate_days: null,
  counters: {},
};

function snapshot(devices: Device[]): Snapshot {
  return { revision: 1, now: 5000, devices, system };
}

function reading(on: number): Reading {
  return { id: 7, mac, last_seen: 2000, gateway: 'aa', rssi: -50, slot: 0, kind: 'relay', title: '', commands: true, taken_at: 2000, values: { on } };
}

function fate(state: CommandFate['state'], command_id = 41): CommandFate {
  return { command_id, mac, slot: 0, state, reason: 'Because.' };
}

const loaded = reduce(initialState, { type: 'snapshot', snapshot: snapshot([lamp]), now: 4000 });
const taken = (waits_for_wake: boolean, expires_at: number): TakenCommand => ({ command_id: 41, expires_at, waits_for_wake });
const sent: State = reduce(reduce(loaded, { type: 'send', mac, slot: 0, wanted: { on: 1 }, now: 4000 }), {
  type: 'accepted',
  mac,
  slot: 0,
  taken: taken(false, 65_000),
  now: 4100,
});

const shown = (state: State): unknown => state.devices.get(mac)?.functions[0]?.values['on'];
const pending = (state: State) => state.pending.get(keyOf(mac, 0));

test('a snapshot replaces all devices and sets the clock', () => {
  assert.equal(loaded.loaded, true);
  assert.equal(loaded.clockOffsetMs, 1000);
  assert.equal(reduce(loaded, { type: 'snapshot', snapshot: snapshot([]), now: 4000 }).devices.size, 0);
});

test('a command changes nothing on the card until the module reports', () => {
  assert.equal(pending(sent)?.state, 'sent');
  assert.equal(shown(sent), 0);
  const done = reduce(sent, { type: 'reading', reading: reading(1) });
  assert.equal(shown(done), 1);
  assert.equal(pending(done), undefined);
});

test('a report of something else leaves the command waiting', () => {
  const still = reduce(sent, { type: 'reading', reading: reading(0) });
  assert.equal(pending(still)?.state, 'sent');
});

test('a report that overtakes the answer of the hub ends the command for good', () => {
  const sending = reduce(loaded, { type: 'send', mac, slot: 0, wanted: { on: 1 }, now: 4000 });
  const reported = reduce(sending, { type: 'reading', reading: reading(1) });
  const answered = reduce(reported, { type: 'accepted', mac, slot: 0, taken: taken(false, 65_000), now: 4100 });
  assert.equal(pending(answered), undefined);
});

test('a refusal and an expiry are shown with their reason, for a while', () => {
  for (const state of ['refused', 'expired'] as const) {
    const ended = reduce(sent, { type: 'fate', fate: fate(state), now: 9000 });
    assert.equal(pending(ended)?.state, state);
    assert.deepEqual(pending(ended)?.reason, { code: '', text: 'Because.' });
    assert.equal(isWaiting(pending(ended)), false);
    assert.equal(pending(reduce(ended, { type: 'tick', now: 9000 + outcomeShownMs }))?.state, state);
    assert.equal(pending(reduce(ended, { type: 'tick', now: 9001 + outcomeShownMs })), undefined);
  }
});

test("another command's fate is not ours", () => {
  assert.equal(pending(reduce(sent, { type: 'fate', fate: fate('refused', 40), now: 9000 }))?.state, 'sent');
});

test('a command without any word expires by itself, some time after the hub lets it', () => {
  // The hub's clock is a second ahead.
  const last = 64_000 + commandGivenUpMs;
  assert.equal(pending(reduce(sent, { type: 'tick', now: last }))?.state, 'sent');
  assert.equal(pending(reduce(sent, { type: 'tick', now: last + 1 }))?.state, 'expired');
  const unheard = reduce(loaded, { type: 'send', mac, slot: 0, wanted: { on: 1 }, now: 4000 });
  assert.equal(pending(reduce(unheard, { type: 'tick', now: 4001 + commandGivenUpMs }))?.state, 'expired');
});

test('a command to a module that sleeps waits for it, however long', () => {
  const day = 86_400_000;
  const sending = reduce(loaded, { type: 'send', mac, slot: 0, wanted: { on: 1 }, now: 4000 });
  assert.equal(pending(sending)?.waitsForWake, false);
  const waits = reduce(sending, { type: 'accepted', mac, slot: 0, taken: taken(true, 5000 + day), now: 4100 });
  const later = reduce(waits, { type: 'tick', now: 4000 + day });
  assert.deepEqual([pending(later)?.state, pending(later)?.waitsForWake], ['sent', true]);
  assert.equal(pending(reduce(later, { type: 'reading', reading: reading(1) })), undefined);
});

test('keys come with the snapshot and with events, and not at all from a hub without a keyed network', () => {
  const keys = { policy: 'window', pairing_until: 0, waiting: [], refused: [], labels: [], revoked: [] } as const;
  const key = { generation: 0, changing: false, renewed: 0, modules: 0, left: [] };
  assert.equal(loaded.keys, null);
  assert.equal(reduce(loaded, { type: 'keys', keys: {} }).keys, null);
  const told = reduce(loaded, { type: 'keys', keys: { ...keys, key, waiting: [{ mac: 'aa', module: 3 }] } });
  assert.equal(told.keys?.waiting[0]?.module, 3);
  const again = reduce(told, { type: 'snapshot', snapshot: { ...snapshot([lamp]), keys: { ...keys, key } }, now: 4000 });
  assert.deepEqual(again.keys?.waiting, []);
});

test('a snapshot that shows what was wanted ends the command', () => {
  const lit = { ...lamp, functions: [{ ...lamp.functions[0]!, values: { on: 1 } }] };
  assert.equal(pending(reduce(sent, { type: 'snapshot', snapshot: snapshot([lit]), now: 1 })), undefined);
  assert.equal(pending(reduce(sent, { type: 'snapshot', snapshot: snapshot([lamp]), now: 1 }))?.state, 'sent');
});

test('a reading brings the path it came by, and new functions find their place', () => {
  const state = reduce(loaded, { type: 'reading', reading: { ...reading(1), interval_s: 3600, slot: 3, kind: 'battery' } });
  const device = state.devices.get(mac);
  assert.deepEqual(device?.functions.map((fn) => fn.slot), [0, 3]);
  assert.equal(device?.rssi, -50);
  assert.equal(device?.last_seen, 2000);
  assert.equal(device?.interval_s, 3600);
});

test('a reading of a module that is not known is passed over', () => {
  assert.equal(reduce(loaded, { type: 'reading', reading: { ...reading(1), mac: 'other' } }), loaded);
});

test('devices come, change and go', () => {
  const renamed = reduce(loaded, { type: 'device', device: { ...lamp, name: 'Hall' } });
  assert.equal(renamed.devices.get(mac)?.name, 'Hall');
  assert.equal(reduce(renamed, { type: 'device', device: { id: 7, removed: true } }).devices.size, 0);
});

test('nothing new makes no new state', () => {
  assert.equal(reduce(loaded, { type: 'tick', now: 9999 }), loaded);
  assert.equal(reduce(loaded, { type: 'link', link: loaded.link }), loaded);
});

test('a list that has changed is asked for again, and so is every list after a snapshot', () => {
  const before = reduce(initialState, { type: 'snapshot', snapshot: snapshot([lamp]), now: 0 });
  const after = reduce(before, { type: 'changed', list: 'groups' });
  assert.equal(after.changed.groups, before.changed.groups + 1);
  assert.equal(after.changed.alarms, before.changed.alarms);
  const again = reduce(after, { type: 'snapshot', snapshot: snapshot([lamp]), now: 0 });
  assert.equal(again.changed.alarms, after.changed.alarms + 1);
  assert.equal(again.changed.groups, after.changed.groups + 1);
});
