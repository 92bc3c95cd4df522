/** Reads what people type. */

const wordsIn = (text: string): string[] => text.split(/[\s,;]+/).filter((word) => word !== '');

/** Addresses of modules, with anything between them; null where one is none, or there is none. */
export function macsIn(text: string): string[] | null {
  const macs = wordsIn(text).map((word) => word.toLowerCase().replaceAll('-', ':'));
  const good = macs.length > 0 && macs.every((mac) => /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac));
  return good ? [...new Set(macs)] : null;
}

/** Module IDs from 1 to 255; none at all is a list too. Null where something else stands. */
export function moduleIdsIn(text: string): number[] | null {
  const words = wordsIn(text);
  const good = words.every((word) => /^\d{1,3}$/.test(word) && Number(word) >= 1 && Number(word) <= 255);
  return good ? [...new Set(words.map(Number))] : null;
}
