/** Finds and fills in the page's words. */
import { en, type Entry, type Key, type Table } from './en';
import { fr } from './fr';
import { ru } from './ru';
import type { Reason } from '../state/types';

export type { Key, Table };
export const tables = { en, fr, ru } as const satisfies Record<string, Table>;
export type Language = keyof typeof tables;
export const languages = Object.keys(tables) as Language[];

export type Fillings = Readonly<Record<string, string | number>>;

/** The wanted language if there is one; else the first of the browser's that the page speaks. */
export function chooseLanguage(wanted: string | null, browser: readonly string[]): Language {
  for (const tag of [wanted ?? '', ...browser]) {
    const short = tag.toLowerCase().split('-')[0];
    const found = languages.find((language) => language === short);
    if (found) return found;
  }
  return 'en';
}

/** A sentence of that language. `count` among the fillings chooses the plural form. */
export function translate(language: Language, key: Key, fillings: Fillings = {}): string {
  return fill(language, (tables[language] as Table)[key], fillings);
}

/** The sentence of one entry of a table, with its blanks filled. */
export function fill(language: Language, entry: Entry, fillings: Fillings): string {
  const text = typeof entry === 'string' ? entry : entry[formOf(language, fillings)] ?? entry.other;
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(fillings[name] ?? ''));
}

/** Why the hub says no, in that language; in the hub's English where the code has no sentence. */
export function explain(language: Language, { code, text }: Reason): string {
  const key = `reason_${code}`;
  return key in en ? translate(language, key as Key) : text;
}

function formOf(language: Language, fillings: Fillings): 'one' | 'few' | 'many' | 'other' {
  const form = new Intl.PluralRules(language).select(Number(fillings['count'] ?? 0));
  return form === 'one' || form === 'few' || form === 'many' ? form : 'other';
}
