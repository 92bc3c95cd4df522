/** Which modules are shown, in which order and how. */
import type { Layout } from './layout';
import type { Device } from './types';

export type Sort = 'name' | 'recent' | 'signal';

export interface View {
  readonly search: string;
  readonly offlineOnly: boolean;
  readonly sort: Sort;
  readonly layout: Layout;
}

export function selectDevices(devices: Iterable<Device>, view: View, language: string): Device[] {
  const wanted = fold(view.search.trim());
  const chosen = [...devices].filter(
    (device) => (!view.offlineOnly || !device.online) && (wanted === '' || textOf(device).includes(wanted)),
  );
  const byName = new Intl.Collator(language, { numeric: true, sensitivity: 'base' });
  return chosen.sort((a, b) => order(a, b, view.sort) || byName.compare(a.name, b.name) || a.id - b.id);
}

function order(a: Device, b: Device, sort: Sort): number {
  if (sort === 'recent') return b.last_seen - a.last_seen;
  if (sort === 'signal') return (a.rssi ?? 1) - (b.rssi ?? 1);
  return 0;
}

/** Everything a person may search a module by. */
function textOf(device: Device): string {
  return fold([device.name, device.mac, ...device.functions.map((fn) => `${fn.title} ${fn.kind}`)].join(' '));
}

/** Without case and accents, so that "cafe" finds "Café". */
function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{Diacritic}/gu, '').toLowerCase();
}
