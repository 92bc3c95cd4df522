import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device } from '../state/types';
import { candidatesFor } from './replacement';

const device = (mac: string, change: Partial<Device> = {}): Device =>
  ({ mac, online: true, protocol: 'espial', server: 1, joined_at: 0, ...change }) as Device;

test('boards of the same network that are there can take a place, the newest first', () => {
  const broken = device('broken', { online: false });
  const others = [
    device('old', { joined_at: 1 }),
    device('new', { joined_at: 2 }),
    device('silent', { online: false }),
    device('elsewhere', { server: 2 }),
    device('s2', { protocol: 's2' }),
  ];
  assert.deepEqual(candidatesFor(broken, [broken, ...others]).map(({ mac }) => mac), ['new', 'old']);
});
