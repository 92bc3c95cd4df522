import type { JSX } from 'preact';

/** Strokes on a 24 x 24 field, by kind. */
const paths: Readonly<Record<string, string>> = {
  temperature: 'M14 14.8V5a2 2 0 1 0-4 0v9.8a4 4 0 1 0 4 0ZM12 9v8',
  humidity: 'M12 3.5c3.5 4 5.5 6.8 5.5 9.7a5.5 5.5 0 0 1-11 0c0-2.9 2-5.7 5.5-9.7Z',
  thermostat: 'M4.5 17.5a9 9 0 1 1 15 0M12 13l3.5-4.5M12 14.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Z',
  relay: 'M12 4v7M7.5 6.7a7 7 0 1 0 9 0',
  led: 'M9.5 18h5M10.5 21h3M12 3a6 6 0 0 0-3.6 10.8c.7.5 1.1 1.3 1.1 2.2h5c0-.9.4-1.7 1.1-2.2A6 6 0 0 0 12 3Z',
  button: 'M12 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17Z',
  light_level: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M18.4 5.6l-1.1 1.1M6.7 17.3l-1.1 1.1',
  illuminance: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M18.4 5.6l-1.1 1.1M6.7 17.3l-1.1 1.1',
  presence: 'M12 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM5 20c.5-3.6 3.4-6 7-6s6.5 2.4 7 6',
  battery: 'M4.5 8h12A1.5 1.5 0 0 1 18 9.5v5a1.5 1.5 0 0 1-1.5 1.5h-12A1.5 1.5 0 0 1 3 14.5v-5A1.5 1.5 0 0 1 4.5 8ZM21 11v2',
  counter: 'M9.5 4 7.5 20M16.5 4l-2 16M4.5 9h16M3.5 15h16',
  contact: 'M6 21V4.5A1.5 1.5 0 0 1 7.5 3h9A1.5 1.5 0 0 1 18 4.5V21M3.5 21h17M14.5 12v.1',
  text: 'M5 6.5V5h14v1.5M12 5v14M9.5 19h5',
  unknown: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM8.5 12h7',
  pencil: 'M4.5 19.5l.8-3.7L15.8 5.3a1.7 1.7 0 0 1 2.4 0l.5.5a1.7 1.7 0 0 1 0 2.4L8.2 18.7l-3.7.8Z',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.5 15.5 20 20',
  close: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
  alert: 'M12 8.5v4.5M12 16.5v.1M10.6 4.3 3.2 17.5A1.6 1.6 0 0 0 4.6 20h14.8a1.6 1.6 0 0 0 1.4-2.5L13.4 4.3a1.6 1.6 0 0 0-2.8 0Z',
  plus: 'M12 6v12M6 12h12',
  minus: 'M6 12h12',
  check: 'M5.5 12.5l4.5 4.5 8.5-9.5',
  chevron: 'M9.5 6l6 6-6 6',
  group: 'M4.5 5.5h6v6h-6ZM13.5 5.5h6v6h-6ZM4.5 14h6v4.5h-6ZM13.5 14h6v4.5h-6Z',
  copy: 'M9 9V5.5A1.5 1.5 0 0 1 10.5 4h8A1.5 1.5 0 0 1 20 5.5v8a1.5 1.5 0 0 1-1.5 1.5H15M5.5 9h8a1.5 1.5 0 0 1 1.5 1.5v8a1.5 1.5 0 0 1-1.5 1.5h-8A1.5 1.5 0 0 1 4 18.5v-8A1.5 1.5 0 0 1 5.5 9Z',
  list: 'M4.5 6.5h.1M9 6.5h10.5M4.5 12h.1M9 12h10.5M4.5 17.5h.1M9 17.5h10.5',
  chart: 'M4 19.5h16M4.5 15.5l4.5-5 4 3.5 6-7.5',
};

export function Icon({ name, size = 20 }: { name: string; size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name] ?? paths['unknown']} />
    </svg>
  );
}

/** The house mark: an eye that has caught sight of something. */
export function Mark(): JSX.Element {
  return (
    <svg class="mark" width="34" height="34" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" />
      <path d="M5.5 16C8.6 10.9 12 8.6 16 8.6S23.4 10.9 26.5 16C23.4 21.1 20 23.4 16 23.4S8.6 21.1 5.5 16Z" />
      <circle cx="16" cy="16" r="3.6" />
    </svg>
  );
}

/** Bars of a signal, `bars` of 4 filled. */
export function Bars({ bars }: { bars: number }): JSX.Element {
  return (
    <svg class="bars" width="16" height="12" viewBox="0 0 16 12" aria-hidden="true">
      {[0, 1, 2, 3].map((i) => (
        <rect key={i} class={i < bars ? 'on' : ''} x={i * 4} y={9 - i * 3} width="2.6" height={3 + i * 3} rx="1" />
      ))}
    </svg>
  );
}
