import type { Device } from './types';

/** One of S1's boxes; its number is the end of its address, and the tens of that the floor. */
export interface Box {
  readonly number: number;
  readonly device: Device;
}

export interface Floor {
  readonly number: number;
  readonly boxes: readonly Box[];
}

export type BoxState = 'free' | 'occupied' | 'unknown';

export function isBox(device: Device): boolean {
  return device.protocol === 's1';
}

/** A box whose node is silent is one that nobody knows anything of, whatever was said last. */
export function stateOf(device: Device): BoxState {
  const present = device.functions.find((fn) => fn.slot === 0)?.values['present'];
  if (!device.online || present === null || present === undefined) return 'unknown';
  return present === 0 ? 'free' : 'occupied';
}

/** The floors from the top down, each with its boxes by number. */
export function floorsOf(devices: Iterable<Device>): Floor[] {
  const floors = new Map<number, Box[]>();
  for (const device of devices) {
    if (!isBox(device)) continue;
    const number = parseInt(device.mac.slice(-2), 16);
    const floor = Math.floor(number / 10);
    floors.set(floor, [...(floors.get(floor) ?? []), { number, device }]);
  }
  return [...floors]
    .sort(([a], [b]) => b - a)
    .map(([number, boxes]) => ({ number, boxes: boxes.sort((a, b) => a.number - b.number) }));
}
