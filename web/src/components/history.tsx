import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { numberText, timeText } from '../format';
import { useWords } from '../i18n/context';
import type { Key } from '../i18n';
import { fieldName, fieldsOf, findField, functionName } from '../kinds';
import { fetchHistory, HubError } from '../state/api';
import { dayText, held, spanOfDay, summarize } from '../state/history';
import type { Device, FunctionState, History, HistoryPoint, Reason } from '../state/types';
import { Graph } from './graph';
import { Icon } from './icons';
import { Sheet } from './sheet';

const ranges: readonly { readonly key: Key; readonly ms: number }[] = [
  { key: 'range_hour', ms: 3_600_000 },
  { key: 'range_day', ms: 86_400_000 },
  { key: 'range_week', ms: 7 * 86_400_000 },
];
const dayIndex = 1;
/** Nothing is older. */
const firstDay = '2000-01-01';
/** The open graph asks anew so often. */
const refreshMs = 30_000;

type Load = { state: 'loading' } | { state: 'failed'; reason: Reason | null } | { state: 'ready'; history: History };

export interface HistoryProps {
  readonly device: Device;
  readonly slot: number;
  readonly field: string;
  readonly clockOffsetMs: number;
  readonly onClose: () => void;
}

/** The past of one value, over the page. */
export function HistoryDialog({ device, slot, field: first, clockOffsetMs, onClose }: HistoryProps): JSX.Element {
  const { t, language } = useWords();
  const [field, setField] = useState(first);
  const [range, setRange] = useState(dayIndex);
  const [day, setDay] = useState('');
  const [attempt, setAttempt] = useState(0);
  const load = useHistory(device.mac, slot, field, day, ranges[range]?.ms ?? 86_400_000, clockOffsetMs, attempt);
  const fn = device.functions.find((f) => f.slot === slot);
  const fields = fn ? fieldsOf(fn) : [];
  const info = findField(fn?.kind ?? '', field);
  const name = fn ? functionName(fn, language) : '';

  return (
    <Sheet label={t('history_of', { name: `${device.name}, ${name}` })} over={device.name} title={name} onClose={onClose}>
      <div class="tools">
        <div class="when">
          <Choice
            label={t('range')}
            options={ranges.map((r) => t(r.key))}
            chosen={day ? -1 : range}
            onChoose={(index) => {
              setRange(index);
              setDay('');
            }}
          />
          <input
            type="date"
            aria-label={t('day_shown')}
            value={day}
            min={firstDay}
            max={dayText(Date.now() + clockOffsetMs)}
            onChange={({ currentTarget }) => {
              // While its year is typed it is one of the first millennium.
              if (currentTarget.validity.valid) setDay(currentTarget.value);
            }}
          />
        </div>
        {fields.length > 1 && fn && (
          <Choice
            label={name}
            options={fields.map((one) => fieldName(fn, one, language))}
            chosen={fields.indexOf(field)}
            onChoose={(index) => setField(fields[index] ?? field)}
          />
        )}
      </div>
      <Body
        load={load}
        device={device}
        slot={slot}
        field={field}
        name={name}
        isPast={day !== ''}
        onRetry={() => setAttempt(attempt + 1)}
      />
      {load.state === 'ready' && !info?.states.length && (
        <p class="span">
          {timeText(load.history.from, language, true)} – {timeText(load.history.to, language, true)}
        </p>
      )}
    </Sheet>
  );
}

/** A day where one is chosen, and what has passed of `spanMs` otherwise. */
function useHistory(mac: string, slot: number, field: string, day: string, spanMs: number, offsetMs: number, attempt: number): Load {
  const [load, setLoad] = useState<Load>({ state: 'loading' });
  useEffect(() => {
    const stop = new AbortController();
    const ask = async (): Promise<void> => {
      const now = Date.now() + offsetMs;
      const chosen = spanOfDay(day);
      const span = chosen ? { from: chosen.from, to: Math.min(chosen.to, now) } : { from: now - spanMs, to: now };
      try {
        const history = await fetchHistory({ mac, slot, field, ...span, points: 240 }, stop.signal);
        setLoad({ state: 'ready', history });
      } catch (error) {
        if (!stop.signal.aborted) setLoad({ state: 'failed', reason: error instanceof HubError ? error.reason : null });
      }
    };
    setLoad({ state: 'loading' });
    void ask();
    const timer = setInterval(() => void ask(), refreshMs);
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, [mac, slot, field, day, spanMs, attempt]);
  return load;
}

/** What is to be drawn: states hold until they are said anew, or the module is heard no more. */
function useHeld(load: Load, isPast: boolean, device: Device, fn: FunctionState | undefined, field: string): readonly HistoryPoint[] {
  const isState = Boolean(findField(fn?.kind ?? '', field)?.states.length);
  const silentSince = device.online ? Infinity : device.last_seen;
  const state = isState && !isPast ? fn?.values[field] : undefined;
  const since = isState ? fn?.taken_at : undefined;
  return useMemo(() => {
    if (load.state !== 'ready') return [];
    const { points, from, to } = load.history;
    return isState ? held(points, from, Math.min(to, silentSince), since ? { state, since } : undefined) : points;
  }, [load, isState, silentSince, state, since]);
}

interface BodyProps {
  readonly load: Load;
  readonly device: Device;
  readonly slot: number;
  readonly field: string;
  readonly name: string;
  /** The newest value is none of the time shown. */
  readonly isPast: boolean;
  readonly onRetry: () => void;
}

function Body({ load, device, slot, field, name, isPast, onRetry }: BodyProps): JSX.Element {
  const { t, why, language } = useWords();
  const fn = device.functions.find((f) => f.slot === slot);
  const info = findField(fn?.kind ?? '', field);
  const latest = fn?.values[field];
  const points = useHeld(load, isPast, device, fn, field);
  if (load.state === 'loading') {
    return (
      <div class="graph loading" role="status">
        {t('loading')}
      </div>
    );
  }
  if (load.state === 'failed') {
    return (
      <div class="graph empty" role="alert">
        <p>
          {t('history_failed')} {load.reason && why(load.reason)}
        </p>
        <button type="button" onClick={onRetry}>
          {t('retry')}
        </button>
      </div>
    );
  }
  const { history } = load;
  const { min, max } = summarize(points);
  if (min === null || max === null) {
    return (
      <div class="graph empty">
        <Icon name="chart" size={28} />
        <p>{t('history_empty')}</p>
      </div>
    );
  }
  const print = (value: number): string => info?.states[Math.round(value)]?.title[language] ?? numberText(value, info, language);
  const label = t('graph_label', {
    name,
    from: timeText(history.from, language, true),
    to: timeText(history.to, language, true),
    min: print(min),
    max: print(max),
  });
  return (
    <>
      <dl class="figures">
        {!isPast && <Figure name={t('latest')} value={typeof latest === 'number' ? print(latest) : t('no_value')} strong />}
        {!info?.states.length && <Figure name={t('minimum')} value={print(min)} />}
        {!info?.states.length && <Figure name={t('maximum')} value={print(max)} />}
      </dl>
      <Graph label={label} field={info} points={points} from={history.from} to={history.to} />
    </>
  );
}

function Figure({ name, value, strong }: { name: string; value: string; strong?: boolean }): JSX.Element {
  return (
    <div class={strong ? 'strong' : ''}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly options: readonly string[];
  readonly chosen: number;
  readonly onChoose: (index: number) => void;
}

function Choice({ label, options, chosen, onChoose }: ChoiceProps): JSX.Element {
  return (
    <div class="choice" role="group" aria-label={label}>
      {options.map((option, index) => (
        <button type="button" key={option} aria-pressed={index === chosen} onClick={() => onChoose(index)}>
          {option}
        </button>
      ))}
    </div>
  );
}
