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
