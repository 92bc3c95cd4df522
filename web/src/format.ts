/** Numbers, times and ages in the reader's language. */
import type { Language } from './i18n';
import { findField, type Field } from './kinds';
import type { FunctionState } from './state/types';

/** A value in print: the number apart from its fraction and its unit, so that each can have its size. */
export interface Printed {
  readonly whole: string;
  readonly fraction: string;
  readonly unit: string;
}

const formatters = new Map<string, Intl.NumberFormat>();

function numberFormat(language: Language, decimals: number): Intl.NumberFormat {
  const key = `${language}/${decimals}`;
  let format = formatters.get(key);
  if (!format) {
    format = new Intl.NumberFormat(language, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    formatters.set(key, format);
  }
  return format;
}

/** Large numbers lose decimals that nobody reads: 12 345.67 lx is 12 346 lx. */
function shownDecimals(value: number, field: Field | undefined): number {
  const size = Math.abs(value);
  return Math.min(field?.decimals ?? 2, size >= 1000 ? 0 : size >= 100 ? 1 : 3);
}

export function printNumber(value: number, field: Field | undefined, language: Language): Printed {
  const parts = numberFormat(language, shownDecimals(value, field)).formatToParts(value);
  const point = parts.findIndex((part) => part.type === 'decimal');
  const text = (from: number, to?: number): string =>
    parts
      .slice(from, to)
      .map((part) => part.value)
      .join('');
  return {
    whole: (point < 0 ? text(0) : text(0, point)).replace('-', '−'),
    fraction: point < 0 ? '' : text(point),
    unit: field?.unit ?? '',
  };
}

/** The same in one string: "21.63 °C". */
export function numberText(value: number, field: Field | undefined, language: Language): string {
  const { whole, fraction, unit } = printNumber(value, field, language);
  return unit ? `${whole}${fraction}\u00a0${unit}` : whole + fraction;
}

/** The value of a function's field as a person says it: a number with its unit, the name of a state, a text. */
export function valueText(fn: FunctionState, field: string, language: Language): string | null {
  const value = fn.values[field];
  if (value === null || value === undefined || typeof value === 'string') return value ?? null;
  const info = findField(fn.kind, field);
  return info?.states[Math.round(value)]?.title[language] ?? numberText(value, info, language);
}

/** How long ago, coarser the older it is; null for "this very second" (below 2 s, or in the future). */
export function ageText(ageMs: number, language: Language): string | null {
  const seconds = Math.floor(ageMs / 1000);
  if (seconds < 2) return null;
  const format = new Intl.RelativeTimeFormat(language, { style: language === 'en' ? 'narrow' : 'short' });
  if (seconds < 60) return format.format(-seconds, 'second');
  if (seconds < 3600) return format.format(-Math.floor(seconds / 60), 'minute');
  if (seconds < 86_400) return format.format(-Math.floor(seconds / 3600), 'hour');
  return format.format(-Math.floor(seconds / 86_400), 'day');
}

/** With its date, a time of another year has that year. */
export function timeText(ms: number, language: Language, withDate: boolean): string {
  const time: Intl.DateTimeFormatOptions = { hour: language === 'en' ? 'numeric' : '2-digit', minute: '2-digit' };
  const year = new Date(ms).getFullYear() === new Date().getFullYear() ? undefined : 'numeric';
  const options: Intl.DateTimeFormatOptions = withDate ? { day: 'numeric', month: 'short', year, ...time } : time;
  return new Intl.DateTimeFormat(language, options).format(ms);
}

/** 0..4 bars of a signal in dBm. */
export function signalBars(rssi: number): number {
  if (rssi >= -60) return 4;
  if (rssi >= -70) return 3;
  if (rssi >= -80) return 2;
  return rssi >= -88 ? 1 : 0;
}

/** The short name of a gateway: the last two bytes of its address. */
export function shortMac(mac: string): string {
  return mac.slice(-5).toUpperCase();
}
