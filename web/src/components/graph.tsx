import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { numberText, timeText } from '../format';
import { useWords } from '../i18n/context';
import type { Field } from '../kinds';
import type { HistoryPoint } from '../state/types';

export interface GraphProps {
  readonly label: string;
  readonly field: Field | undefined;
  readonly points: readonly HistoryPoint[];
  readonly from: number;
  readonly to: number;
}

/** A line through the means, in a band from least to greatest. */
export function Graph({ label, field, points, from, to }: GraphProps): JSX.Element {
  const { language } = useWords();
  const host = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    let plot: uPlot | undefined;
    const draw = (): void => {
      plot?.destroy();
      const options = optionsFor(element, field, language, from, to);
      plot = new uPlot(options, columnsOf(points, (field?.states.length ?? 0) > 0), element);
    };
    draw();
    const resize = new ResizeObserver(() => plot?.setSize(sizeOf(element)));
    resize.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    return () => {
      scheme.removeEventListener('change', draw);
      resize.disconnect();
      plot?.destroy();
    };
  }, [points, field, language, from, to]);

  return <div class="graph" ref={host} role="img" aria-label={label} />;
}

/** uPlot's columns: seconds, greatest, least, mean. States have no band. */
function columnsOf(points: readonly HistoryPoint[], isState: boolean): uPlot.AlignedData {
  return [
    points.map((p) => p[0] / 1000),
    points.map((p) => (isState ? null : p[3])),
    points.map((p) => (isState ? null : p[2])),
    points.map((p) => p[1]),
  ];
}

function sizeOf(element: HTMLElement): { width: number; height: number } {
  return { width: element.clientWidth, height: element.clientHeight };
}

function optionsFor(
  element: HTMLElement,
  field: Field | undefined,
  language: 'en' | 'fr' | 'ru',
  from: number,
  to: number,
): uPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const states = field?.states ?? [];
  const isState = states.length > 0;
  const long = to - from > 86_400_000 * 1.5;
  const axis = {
    stroke: color('--muted'),
    font: `12px ${style.fontFamily}`,
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    ...sizeOf(element),
    // Room for half a time below either end.
    padding: [12, 30, 0, 0],
    legend: { show: false },
    // Of the three series only the mean is a line that a pointer can be on.
    cursor: { y: false, points: { size: (_, series) => (series === 3 ? 9 : 0), fill: color('--accent') } },
    plugins: [tooltip(field, language, long)],
    scales: {
      x: { time: true, min: from / 1000, max: to / 1000 },
      y: { range: (_, low, high) => (isState ? [-0.1, states.length - 0.9] : rangeOf(low, high)) },
    },
    axes: [
      {
        ...axis,
        size: 28,
        space: 68,
        values: (_, ticks) =>
          ticks.map((s) =>
            long
              ? new Intl.DateTimeFormat(language, { weekday: 'short', day: 'numeric' }).format(s * 1000)
              : timeText(s * 1000, language, false),
          ),
      },
      {
        ...axis,
        size: isState ? 92 : 46,
        splits: isState ? () => states.map((_, i) => i) : undefined,
        values: (_, ticks) =>
          ticks.map((v) => (isState ? (states[v]?.title[language] ?? '') : new Intl.NumberFormat(language).format(v))),
      },
    ],
    series: [
      {},
      { stroke: 'transparent', points: { show: false } },
      { stroke: 'transparent', points: { show: false } },
      {
        stroke: color('--accent'),
        width: 2,
        points: { show: false, filter: lonely, size: 9, fill: color('--accent') },
        paths: isState ? uPlot.paths.stepped?.({ align: 1 }) : undefined,
        fill: isState ? color('--accent-soft') : undefined,
      },
    ],
    bands: isState ? [] : [{ series: [1, 2], fill: color('--accent-soft') }],
  };
}

/** The values with none beside them, which no line shows. */
function lonely(plot: uPlot, series: number): number[] {
  const values = plot.data[series] ?? [];
  return [...values.keys()].filter((i) => values[i] != null && values[i - 1] == null && values[i + 1] == null);
}

/** Room above and below, and never a flat line's empty range. */
function rangeOf(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  const margin = Math.max((high - low) * 0.12, Math.abs(high) * 0.002, 0.05);
  return [low >= 0 && low - margin < 0 ? 0 : low - margin, high + margin];
}

/** Value and time beside the pointer. */
function tooltip(field: Field | undefined, language: 'en' | 'fr' | 'ru', long: boolean): uPlot.Plugin {
  const box = document.createElement('div');
  box.className = 'graph-tip';
  box.hidden = true;
  const value = box.appendChild(document.createElement('b'));
  const time = box.appendChild(document.createElement('span'));
  return {
    hooks: {
      init: (plot) => void plot.over.appendChild(box),
      setCursor: (plot) => {
        const { idx, left } = plot.cursor;
        const y = idx === null || idx === undefined ? null : plot.data[3]?.[idx];
        const x = idx === null || idx === undefined ? undefined : plot.data[0][idx];
        box.hidden = y === null || y === undefined || x === undefined || left === undefined || left < 0;
        if (box.hidden || typeof y !== 'number' || x === undefined) return;
        value.textContent = field?.states[Math.round(y)]?.title[language] ?? numberText(y, field, language);
        time.textContent = timeText(x * 1000, language, long);
        const at = Math.max(0, Math.min(plot.over.clientWidth - box.offsetWidth, plot.valToPos(x, 'x') - box.offsetWidth / 2));
        box.style.transform = `translate(${Math.round(at)}px, 0)`;
      },
    },
  };
}
