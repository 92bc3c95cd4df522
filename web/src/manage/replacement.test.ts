import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device } from '../state/types';
import { candidatesFor } from './replacement';

const device = (mac: string, change: Partial<Device> = {}): Device =>
  ({ mac, name: `name of ${mac}`, online: true, protocol: 'espial', server: 1, joined_at: 0, ...change }) as Device;

const broken = device('broken', { online: false });
const macs = (list: readonly { mac: string }[]): string[] => list.map(({ mac }) => mac);

test('boards of the same network that are there can take a place, the newest first', () => {
  const others = [
    device('old', { joined_at: 1 }),
    device('new', { joined_at: 2 }),
    device('silent', { online: false }),
    device('elsewhere', { server: 2 }),
    device('s2', { protocol: 's2' }),
  ];
  assert.deepEqual(macs(candidatesFor(broken, [broken, ...others])), ['new', 'old']);
});

test('whatever the protocol, a board of it can take the place', () => {
  for (const protocol of ['s0', 's1', 's2']) {
    const all = ['espial', 's0', 's1', 's2'].map((one) => device(one, { protocol: one }));
    assert.deepEqual(macs(candidatesFor({ ...broken, protocol }, all)), [protocol]);
  }
});

test('so can one that is no device and asks for the number, and none is there twice', () => {
  const spare = device('spare', { protocol: 's0', joined_at: 5 });
  const asking = [
    { mac: 'stranger', heard_at: 7 },
    { mac: 'spare', heard_at: 9 },
  ];
  assert.deepEqual(candidatesFor({ ...broken, protocol: 's0' }, [spare], asking), [
    { mac: 'stranger', name: null, at: 7 },
    { mac: 'spare', name: 'name of spare', at: 5 },
  ]);
});
