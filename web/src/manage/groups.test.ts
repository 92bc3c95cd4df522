import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device, FunctionState, Values } from '../state/types';
import type { MemberFate, MemberState } from './api';
import { choicesOf, countFates, settingOf, settingsOf } from './groups';

function fn(slot: number, kind: string, values: Values, commands = true): FunctionState {
  return { slot, kind, title: '', commands, taken_at: 1, values };
}

function device(mac: string, name: string, functions: FunctionState[]): [string, Device] {
  const rest = { id: 1, protocol: 'espial', server: 1, module: 1, online: true, last_seen: 1, joined_at: 1 };
  return [mac, { ...rest, mac, name, gateway: null, rssi: null, firmware: '', chip: '', functions }];
}

const devices = new Map([
  device('a', 'Hall', [fn(0, 'temperature', { temperature: 21 }, false), fn(1, 'relay', { on: 1 })]),
  device('b', 'Attic', [fn(0, 'led', { brightness: 20 }), fn(1, 'led', { brightness: 60 })]),
  device('c', 'Wall', [fn(0, 'kind_200', { u1: 3 })]),
]);
const group = (...members: [string, number][]) => ({ name: 'G', members: members.map(([mac, slot]) => ({ mac, slot })) });

test('a group is asked for what its members can set, the most common first', () => {
  const settings = settingsOf(group(['a', 0], ['a', 1], ['b', 0], ['b', 1]), devices);
  assert.deepEqual(
    settings.map(({ field, members, present }) => [field.name, members, present]),
    [['brightness', 2, 40], ['on', 1, 1]],
  );
});

test('members that are gone, measure only or are of an unknown kind set nothing', () => {
  assert.deepEqual(settingsOf(group(['gone', 0], ['a', 0], ['c', 0]), devices), []);
});

test('a member shows what commands set, and what it measures where they set nothing', () => {
  assert.equal(settingOf(fn(0, 'thermostat', {})), 'set_point');
  assert.equal(settingOf(fn(0, 'temperature', {})), 'temperature');
  assert.equal(settingOf(fn(0, 'kind_200', { u1: 3 })), 'u1');
});

test('whatever takes commands can be chosen, by module', () => {
  const choices = choicesOf(devices, [], 'en');
  assert.deepEqual(choices.map(({ module, slot, name }) => [module, slot, name]), [
    ['Attic', 0, 'LED'],
    ['Attic', 1, 'LED'],
    ['Hall', 1, 'Relay'],
  ]);
});

test('a member that could not be chosen any more can still be taken out', () => {
  const choices = choicesOf(devices, group(['a', 0], ['gone', 3]).members, 'en');
  assert.deepEqual(
    choices.filter(({ mac, slot }) => mac === 'gone' || (mac === 'a' && slot === 0)).map(({ module }) => module),
    ['gone', 'Hall'],
  );
});

test('each end of a command counts once', () => {
  const states: MemberState[] = ['executed', 'pending', 'refused', 'expired', 'not_sent', 'executed'];
  const members = states.map((state, slot): MemberFate => ({ mac: 'a', slot, state }));
  assert.deepEqual(countFates({ group_command_id: 1, members }), { done: 2, pending: 1, failed: 3 });
});
