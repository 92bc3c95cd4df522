import type { HistoryPoint } from './types';

/** The least and the greatest of all points; null where none has a value. */
export function summarize(points: readonly HistoryPoint[]): { min: number | null; max: number | null } {
  let min: number | null = null;
  let max: number | null = null;
  for (const [, , least, greatest] of points) {
    if (least !== null && (min === null || least < min)) min = least;
    if (greatest !== null && (max === null || greatest > max)) max = greatest;
  }
  return { min, max };
}

/** How a function stands now, and since when; of a day that is past nobody asks. */
export interface Standing {
  readonly state: unknown;
  readonly since: number;
}

/**
 * The past of what is said only when it changes: the last of it holds until `until`, and what was said before `from` all
 * the time. Of a time in which it changed more than once nobody knows the end, but from how it stands now.
 */
export function held(points: readonly HistoryPoint[], from: number, until: number, now?: Standing): readonly HistoryPoint[] {
  const latest = typeof now?.state === 'number' ? now.state : undefined;
  const last = points[points.length - 1];
  const state = latest ?? last?.[1];
  const isKnown = last !== undefined || (now !== undefined && now.since <= from);
  if (!isKnown || until <= (last?.[0] ?? from) || typeof state !== 'number' || !Number.isInteger(state)) return points;
  const end: HistoryPoint = [until, state, state, state];
  return last ? [...points, end] : [[from, state, state, state], end];
}

/** A day by this machine's calendar, "2026-11-22", from its midnight to the next one; null for what is no day. */
export function spanOfDay(day: string): { from: number; to: number } | null {
  const from = new Date(`${day}T00:00`);
  const to = new Date(from);
  to.setDate(to.getDate() + 1);
  return Number.isNaN(from.getTime()) ? null : { from: from.getTime(), to: to.getTime() };
}

/** The day of a moment, as `spanOfDay` takes it. */
export function dayText(ms: number): string {
  const date = new Date(ms);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}
