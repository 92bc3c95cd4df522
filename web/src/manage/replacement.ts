import type { Device } from '../state/types';
import type { AskingBoard } from './api';

/** A board that can take the place of a broken one. */
export interface Candidate {
  readonly mac: string;
  /** Null: it is no device of its own. */
  readonly name: string | null;
  /** When it joined, or asked last. */
  readonly at: number;
}

/** Of the broken one's network and protocol, there, the newest first; and those that ask for its number. */
export function candidatesFor(broken: Device, devices: Iterable<Device>, asking: readonly AskingBoard[] = []): Candidate[] {
  const joined = [...devices]
    .filter(({ mac, online, protocol, server }) => mac !== broken.mac && online && protocol === broken.protocol && server === broken.server)
    .map(({ mac, name, joined_at }) => ({ mac, name, at: joined_at }));
  const known = new Set(joined.map(({ mac }) => mac));
  const others = asking.filter(({ mac }) => !known.has(mac)).map(({ mac, heard_at }) => ({ mac, name: null, at: heard_at }));
  return [...others, ...joined].sort((a, b) => b.at - a.at);
}
