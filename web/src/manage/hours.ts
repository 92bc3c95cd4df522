/** The working hours of a site, as the hub has them and as people type them. */
export const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof days)[number];

/** "09:00-12:00" each, in the order of the day; none: closed. */
export type Openings = readonly string[];

export interface Hours {
  /** Empty: the zone of the hub. */
  readonly zone: string;
  readonly week: Readonly<Record<Day, Openings>>;
  /** By date, "2026-12-25". */
  readonly exceptions: Readonly<Record<string, Openings>>;
}

const openingsMost = 4;
const dayEnd_min = 24 * 60;

/** What a person means by "9:00 - 12:00, 13:30-18:00"; nothing at all is closed. Null where the hub would refuse it. */
export function openingsIn(text: string): string[] | null {
  const words = text.replace(/\s*[-–—]\s*/g, '-').split(/[\s,;]+/).filter((word) => word !== '');
  const openings: string[] = [];
  let end_min = 0;
  for (const word of words) {
    const [, ...found] = /^(\d\d?):([0-5]\d)-(\d\d?):([0-5]\d)$/.exec(word) ?? [];
    const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = found.map(Number);
    const from_min = fromHour * 60 + fromMinute;
    const to_min = toHour * 60 + toMinute;
    if (found.length === 0 || from_min < end_min || to_min <= from_min || to_min > dayEnd_min) return null;
    end_min = to_min;
    openings.push(word.split('-').map((clock) => clock.padStart(5, '0')).join('-'));
  }
  return openings.length <= openingsMost ? openings : null;
}

export const openingsText = (openings: Openings): string => openings.join(', ');

/** Whether there is such a time zone; nothing at all means the hub's. */
export function isZone(name: string): boolean {
  if (name === '') return true;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format() !== '';
  } catch {
    return false;
  }
}

/** "Monday". */
export function dayName(day: Day, language: string): string {
  const monday = Date.UTC(2024, 0, 1);
  return named(monday + days.indexOf(day) * 86_400_000, language, { weekday: 'long' });
}

/** "Friday 25 December 2026", of "2026-12-25". */
export function dateName(date: string, language: string): string {
  return named(Date.parse(date), language, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}

function named(at: number, language: string, form: Intl.DateTimeFormatOptions): string {
  const name = new Intl.DateTimeFormat(language, { ...form, timeZone: 'UTC' }).format(at);
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}
