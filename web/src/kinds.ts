/** What the page knows of kinds, with an answer for those that it has never heard of. */
import { kinds, type Kind, type KindField as Field } from './generated/kinds';
import type { Language } from './i18n';
import type { Device, FunctionState, Values } from './state/types';

export type { Field, Kind };

const byName = new Map<string, Kind>(kinds.map((kind) => [kind.name, kind]));

/** Measures older than this, and than so many of their module's intervals, are shown in grey: it should have spoken since. */
export const staleAfterMs = 15 * 60_000;
const staleIntervals = 3;

export function findKind(name: string): Kind | undefined {
  return byName.get(name);
}

export function findField(kind: string, field: string): Field | undefined {
  return byName.get(kind)?.fields.find((f) => f.name === field);
}

/** What people call a function: its title, or else its kind. */
export function functionName(fn: FunctionState, language: Language): string {
  return fn.title || findKind(fn.kind)?.title[language] || fn.kind_title || fn.kind;
}

/** The field that a function's row is about: the kind's first, the first that a configuration names, or any. */
export function mainField(kind: string, values: Values, named: FunctionState['fields'] = {}): string {
  const names = Object.keys(named);
  const measured = names.find((name) => !named[name]?.set);
  return byName.get(kind)?.fields[0]?.name ?? measured ?? names[0] ?? Object.keys(values)[0] ?? 'value';
}

/** The fields of a function that are worth a look: its kind's, or those that a configuration says its own kind has. */
export function fieldsOf(fn: FunctionState): readonly string[] {
  return byName.get(fn.kind)?.fields.map((field) => field.name) ?? Object.keys(fn.fields ?? {});
}

/** What people call a field. One that a configuration gives no name goes by S0's: field_5 is F1. */
export function fieldName(fn: FunctionState, field: string, language: Language): string {
  const place = Number(/^field_(\d)$/.exec(field)?.[1] ?? NaN);
  const own = Number.isNaN(place) ? field : place < 5 ? `U${place + 1}` : `F${place - 4}`;
  return fn.fields?.[field]?.title || findField(fn.kind, field)?.title[language] || own;
}

/** What a function of a configuration's own kind says beside its row's value and what people set: "Redox 650.00 mV". */
export function furtherText(fn: FunctionState, main: string, language: Language, print: (value: number) => string): string {
  if (findKind(fn.kind)) return '';
  return fieldsOf(fn)
    .filter((name) => name !== main && !fn.fields?.[name]?.set)
    .flatMap((name) => {
      const value = fn.values[name];
      return typeof value === 'number' ? [`${fieldName(fn, name, language)} ${print(value)} ${fn.fields?.[name]?.unit ?? ''}`.trim()] : [];
    })
    .join(' · ');
}

/** The field of a configuration's own kind that people may set. */
export function settableField(fn: FunctionState): Field | undefined {
  const [name, note] = Object.entries(fn.fields ?? {}).find(([, one]) => one.set) ?? [];
  if (name === undefined || !note?.set) return undefined;
  const title = note.title || fn.title || name;
  return { name, title: { en: title, fr: title, ru: title }, type: 'u8', scale: 1, decimals: 0, unit: note.unit, ...note.set, states: [] };
}

/** Where a value stands by the limits of a configuration; nothing where there are none, or no value. */
export function standing(fn: FunctionState, field: string): 'within' | 'beyond' | undefined {
  const value = fn.values[field];
  if (!fn.limits || typeof value !== 'number') return undefined;
  const { minimum, maximum } = fn.limits;
  return (minimum !== null && value < minimum) || (maximum !== null && value > maximum) ? 'beyond' : 'within';
}

/** Whether the field's past is worth a graph: numbers are, texts are not. */
export function hasHistory(kind: string, field: string): boolean {
  return findField(kind, field)?.type !== 'text';
}

/**
 * An event stays true until the next one, and so does how a lamp stands: boards of S2's and S0's say that only when it
 * changes. A measure grows old.
 */
export function isStale(fn: FunctionState, { online, interval_s = 0 }: Pick<Device, 'online' | 'interval_s'>, hubNow: number): boolean {
  if (!online) return true;
  if (fn.taken_at === 0) return false;
  const kind = findKind(fn.kind);
  const holds = kind !== undefined && (kind.isEvent || kind.widget === 'switch' || kind.widget === 'slider');
  return !holds && hubNow - fn.taken_at > Math.max(staleAfterMs, staleIntervals * 1000 * interval_s);
}
