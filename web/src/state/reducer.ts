/** All that the page knows, and how each event changes it. Pure: time comes in with the action. */
import type { Alarm, CommandFate, Device, Keys, List, Reading, Reason, Removed, Snapshot, System, TakenCommand, Values } from './types';

/** How long the outcome of a failed command stays on its card. */
export const outcomeShownMs = 10_000;
/** A command has ended without an answer so long after it expired, or was sent to a hub that says nothing. */
export const commandGivenUpMs = 60_000;

export type Link = 'connecting' | 'live' | 'away';
export type PendingState = 'sending' | 'sent' | 'refused' | 'expired' | 'failed';

/** A command under way, or how it ended when it did not work. */
export interface Pending {
  readonly wanted: Values;
  readonly commandId: number | null;
  readonly state: PendingState;
  /** The module gets it when it wakes. */
  readonly waitsForWake: boolean;
  /** When its module may run it no more (hub's clock); null before the hub has taken it up. */
  readonly expiresAt: number | null;
  /** Null where the state says it all. */
  readonly reason: Reason | null;
  /** When it came into this state (page's clock). */
  readonly at: number;
}

export interface State {
  readonly link: Link;
  /** False until the first snapshot. */
  readonly loaded: boolean;
  readonly devices: ReadonlyMap<string, Device>;
  readonly system: System | null;
  readonly keys: Keys | null;
  /** How often each list may have become another. */
  readonly changed: Readonly<Record<List, number>>;
  /** Add this to the page's clock to get the hub's. */
  readonly clockOffsetMs: number;
  /** By "mac/slot". */
  readonly pending: ReadonlyMap<string, Pending>;
}

export type Action =
  | { type: 'link'; link: Link }
  | { type: 'snapshot'; snapshot: Snapshot; now: number }
  | { type: 'device'; device: Device | Removed }
  | { type: 'reading'; reading: Reading }
  | { type: 'system'; system: System }
  | { type: 'keys'; keys: Partial<Keys> }
  | { type: 'changed'; list: List }
  | { type: 'fate'; fate: CommandFate; now: number }
  | { type: 'send'; mac: string; slot: number; wanted: Values; now: number }
  | { type: 'accepted'; mac: string; slot: number; taken: TakenCommand; now: number }
  | { type: 'failed'; mac: string; slot: number; state: 'refused' | 'failed'; reason: Reason | null; now: number }
  | { type: 'tick'; now: number };

export const initialState: State = {
  link: 'connecting',
  loaded: false,
  devices: new Map(),
  system: null,
  keys: null,
  changed: { alarms: 0, groups: 0 },
  clockOffsetMs: 0,
  pending: new Map(),
};

export function keyOf(mac: string, slot: number): string {
  return `${mac}/${slot}`;
}

export function isWaiting(pending: Pending | undefined): boolean {
  return pending?.state === 'sending' || pending?.state === 'sent';
}

/** Whether somebody takes care of a raised alarm, or wants it silent: it is shown calmly then. */
export function isHeeded({ acknowledged, silenced }: Alarm): boolean {
  return acknowledged || silenced;
}

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'link':
      return state.link === action.link ? state : { ...state, link: action.link };
    case 'snapshot':
      return takeSnapshot(state, action.snapshot, action.now);
    case 'device':
      return takeDevice(state, action.device);
    case 'reading':
      return takeReading(state, action.reading);
    case 'system':
      return { ...state, system: action.system };
    case 'keys':
      return { ...state, keys: wholeKeys(action.keys) };
    case 'changed':
      return { ...state, changed: { ...state.changed, [action.list]: state.changed[action.list] + 1 } };
    case 'fate':
      return takeFate(state, action.fate, action.now);
    case 'send':
      return withPending(state, keyOf(action.mac, action.slot), {
        wanted: action.wanted,
        commandId: null,
        state: 'sending',
        waitsForWake: false,
        expiresAt: null,
        reason: null,
        at: action.now,
      });
    case 'accepted':
      return takeAcceptance(state, action);
    case 'failed':
      return endPending(state, keyOf(action.mac, action.slot), action.state, action.reason, action.now);
    case 'tick':
      return takeTick(state, action.now);
  }
}

function takeSnapshot(state: State, snapshot: Snapshot, now: number): State {
  const devices = new Map(snapshot.devices.map((device) => [device.mac, device]));
  const pending = new Map(state.pending);
  for (const [key, command] of pending) {
    const [mac = '', slot] = key.split('/');
    const reported = devices.get(mac)?.functions.find((f) => f.slot === Number(slot));
    if (!reported || (isWaiting(command) && agrees(reported.values, command.wanted))) pending.delete(key);
  }
  return {
    ...state,
    loaded: true,
    devices,
    pending,
    system: snapshot.system,
    keys: wholeKeys(snapshot.keys),
    // What was changed before it, nobody has told this page.
    changed: { alarms: state.changed.alarms + 1, groups: state.changed.groups + 1 },
    clockOffsetMs: snapshot.now - now,
  };
}

/** A hub without a keyed network says nothing of keys. */
function wholeKeys(keys: Partial<Keys> | undefined): Keys | null {
  return keys?.policy === undefined ? null : (keys as Keys);
}

function takeDevice(state: State, device: Device | Removed): State {
  const devices = new Map(state.devices);
  if ('removed' in device) {
    for (const [mac, known] of devices) if (known.id === device.id) devices.delete(mac);
  } else {
    devices.set(device.mac, device);
  }
  return { ...state, devices };
}

function takeReading(state: State, reading: Reading): State {
  const device = state.devices.get(reading.mac);
  if (!device) return state;
  const { id: _, mac, last_seen, gateway, rssi, interval_s, ...fn } = reading;
  const { slot, values } = fn;
  const functions = device.functions.filter((f) => f.slot !== slot);
  functions.push(fn);
  functions.sort((a, b) => a.slot - b.slot);
  const devices = new Map(state.devices);
  devices.set(mac, { ...device, last_seen, gateway, rssi, interval_s, functions });
  const key = keyOf(reading.mac, slot);
  const command = state.pending.get(key);
  const fulfilled = command !== undefined && isWaiting(command) && agrees(values, command.wanted);
  return { ...state, devices, pending: fulfilled ? without(state.pending, key) : state.pending };
}

function takeFate(state: State, fate: CommandFate, now: number): State {
  const key = keyOf(fate.mac, fate.slot);
  const command = state.pending.get(key);
  if (!command || !isWaiting(command)) return state;
  // Some other page's command, or one that this page has replaced.
  if (command.commandId !== null && command.commandId !== fate.command_id) return state;
  if (fate.state === 'pending') return state;
  if (fate.state === 'executed') {
    // Only a command of ours by number: before the hub has answered, "executed" may be another's.
    return command.commandId === null ? state : { ...state, pending: without(state.pending, key) };
  }
  const reason = fate.reason === '' ? null : { code: '', text: fate.reason };
  return endPending(state, key, fate.state, reason, now);
}

function takeAcceptance(state: State, action: { mac: string; slot: number; taken: TakenCommand; now: number }): State {
  const key = keyOf(action.mac, action.slot);
  const command = state.pending.get(key);
  // The module may have been quicker than the hub's answer.
  if (command?.state !== 'sending') return state;
  const { command_id: commandId, expires_at: expiresAt, waits_for_wake: waitsForWake } = action.taken;
  return withPending(state, key, { ...command, commandId, expiresAt, waitsForWake, state: 'sent', at: action.now });
}

function endPending(
  state: State,
  key: string,
  outcome: 'refused' | 'expired' | 'failed',
  reason: Reason | null,
  now: number,
): State {
  const command = state.pending.get(key);
  if (!command) return state;
  return withPending(state, key, { ...command, state: outcome, reason, at: now });
}

function takeTick(state: State, now: number): State {
  let pending: Map<string, Pending> | null = null;
  for (const [key, command] of state.pending) {
    const age = now - command.at;
    const over = command.expiresAt === null ? age : now + state.clockOffsetMs - command.expiresAt;
    if (isWaiting(command) && over > commandGivenUpMs) {
      pending ??= new Map(state.pending);
      pending.set(key, { ...command, state: 'expired', reason: null, at: now });
    } else if (!isWaiting(command) && age > outcomeShownMs) {
      pending ??= new Map(state.pending);
      pending.delete(key);
    }
  }
  return pending ? { ...state, pending } : state;
}

function agrees(reported: Values, wanted: Values): boolean {
  return Object.entries(wanted).every(([field, value]) => {
    const is = reported[field];
    if (typeof is === 'number' && typeof value === 'number') return Math.abs(is - value) < 1e-6;
    return is === value;
  });
}

function withPending(state: State, key: string, command: Pending): State {
  return { ...state, pending: new Map(state.pending).set(key, command) };
}

function without<K, V>(map: ReadonlyMap<K, V>, key: K): Map<K, V> {
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}
