import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pages } from '../route';
import { initialState, type State } from '../state/reducer';
import type { Role, Session } from '../state/session';
import type { Device, Keys } from '../state/types';
import { isOffered } from './nav';

const someone = (role: Role, login_required = true): Session => ({ login_required, setup_needed: false, account: 'x', role, secure: true });
const box = { mac: '02:53:31:00:00:2a', protocol: 's1' } as Device;
const keyed: State = { ...initialState, keys: {} as Keys, devices: new Map([[box.mac, box]]) };
const offered = (session: Session | null, state = keyed): string[] => pages.filter((page) => isOffered(page, session, state));

test('everybody sees the pages on which he may do or see something', () => {
  assert.deepEqual(offered(someone('viewer')), ['modules', 'groups', 'alarms']);
  assert.deepEqual(offered(someone('operator')), ['modules', 'groups', 'alarms']);
  assert.deepEqual(offered(someone('admin')), [...pages]);
  assert.deepEqual(offered(null), ['modules', 'groups', 'alarms']);
});

test('whoever is at a machine without accounts decides about the network, and has no accounts', () => {
  assert.deepEqual(offered(someone('operator', false)), ['modules', 'groups', 'alarms', 'hours', 'network']);
});

test('hours are for whoever has boxes', () => {
  assert.deepEqual(offered(someone('admin'), { ...keyed, devices: new Map() }), ['modules', 'groups', 'alarms', 'network', 'access']);
});

test('a hub without keys has no page for them', () => {
  assert.deepEqual(offered(someone('admin'), initialState), ['modules', 'groups', 'alarms', 'access']);
});
