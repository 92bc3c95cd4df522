import type { Device } from '../state/types';

/** Modules that can take the place of a broken one: of its network, there, the newest first. */
export function candidatesFor(broken: Device, devices: Iterable<Device>): Device[] {
  return [...devices]
    .filter(({ mac, online, protocol, server }) => mac !== broken.mac && online && protocol === 'espial' && server === broken.server)
    .sort((a, b) => b.joined_at - a.joined_at);
}
