/** What steers a module. Each shows what the module has *reported*; a wish is only a "sent…". */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { numberText } from '../format';
import { useWords } from '../i18n/context';
import { findField, settableField } from '../kinds';
import { isWaiting } from '../state/reducer';
import { Icon } from './icons';
import type { RowProps } from './function_row';

type ControlProps = RowProps & { readonly name: string; readonly field: string };

/** Taps on + and - are gathered so long into one command. */
const settleMs = 700;

function reported({ fn, field }: ControlProps): number | null {
  const value = fn.values[field];
  return typeof value === 'number' ? value : null;
}

function isBusy(props: ControlProps): boolean {
  return isWaiting(props.pending);
}

export function SwitchControl(props: ControlProps): JSX.Element {
  const { t } = useWords();
  const { device, fn, field, name, onCommand, pending } = props;
  const on = reported(props) === 1;
  const busy = isBusy(props);
  // What waits for a module to wake can be thought over: another command follows it.
  const mayThinkOver = busy && pending?.waitsForWake === true;
  const toBeOn = mayThinkOver ? pending.wanted[field] === 1 : on;
  // A button that is disabled loses the keyboard's place on the page: one that is only busy stays where it is.
  const mustWait = busy && !mayThinkOver;
  return (
    <button
      type="button"
      role="switch"
      class={`switch${busy ? ' busy' : ''}`}
      aria-checked={on}
      aria-busy={busy}
      aria-label={t(toBeOn ? 'switch_off' : 'switch_on', { name: `${device.name}, ${name}` })}
      aria-disabled={mustWait}
      disabled={!device.online}
      onClick={() => mustWait || onCommand(fn.slot, { [field]: toBeOn ? 0 : 1 })}
    >
      <span class="knob" />
    </button>
  );
}

export function SetPointControl(props: ControlProps): JSX.Element {
  const { t, language } = useWords();
  const { device, fn, field, onCommand } = props;
  const standard = findField(fn.kind, field);
  const info = standard ?? settableField(fn);
  const is = reported(props);
  const [wish, setWish] = useState<number | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const waiting = isBusy(props) ? props.pending?.wanted[field] : undefined;
  const base = wish ?? (typeof waiting === 'number' ? waiting : (is ?? 20));
  const title = info?.title[language] ?? field;
  const size = device.protocol === 's0' ? 1 : 0.5; // S0 sends whole degrees

  useEffect(() => () => clearTimeout(timer.current), []);
  const step = (by: number): void => {
    const snapped = Math.round((base + by) / size) * size;
    const next = Math.max(info?.minimum ?? 0, Math.min(info?.maximum ?? 100, snapped));
    setWish(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setWish(null);
      if (next !== is) onCommand(fn.slot, { [field]: next });
    }, settleMs);
  };
  const asked = wish !== null || typeof waiting === 'number';
  return (
    <div class="set-point" role="group" aria-label={title}>
      <span class="label">{title}</span>
      <button type="button" class="step" disabled={!device.online} aria-label={t('decrease', { name: title })} onClick={() => step(-size)}>
        <Icon name="minus" size={18} />
      </button>
      <output class={asked ? 'asked' : ''} aria-live="polite">
        {asked || is !== null ? numberText(base, standard ? { ...standard, decimals: 1 } : info, language) : t('no_value')}
      </output>
      <button type="button" class="step" disabled={!device.online} aria-label={t('increase', { name: title })} onClick={() => step(size)}>
        <Icon name="plus" size={18} />
      </button>
    </div>
  );
}

export function BrightnessControl(props: ControlProps): JSX.Element {
  const { language } = useWords();
  const { device, fn, field, name, onCommand } = props;
  const info = findField(fn.kind, field);
  const is = reported(props) ?? 0;
  const [wish, setWish] = useState<number | null>(null);
  const waiting = isBusy(props) ? props.pending?.wanted[field] : undefined;
  const shown = wish ?? (typeof waiting === 'number' ? waiting : is);
  return (
    <input
      type="range"
      class={`slider${isBusy(props) ? ' busy' : ''}`}
      min={info?.minimum ?? 0}
      max={info?.maximum ?? 100}
      step={5}
      value={shown}
      ref={(element) => element?.style.setProperty('--level', `${shown}%`)}
      disabled={!device.online}
      aria-label={`${device.name}, ${name}`}
      aria-valuetext={numberText(shown, info, language)}
      onInput={(event) => setWish(Number(event.currentTarget.value))}
      onChange={(event) => {
        const next = Number(event.currentTarget.value);
        setWish(null);
        if (next !== is) onCommand(fn.slot, { [field]: next });
      }}
    />
  );
}

export function TextControl(props: ControlProps): JSX.Element {
  const { t } = useWords();
  const { device, fn, field, name, onCommand } = props;
  const [draft, setDraft] = useState('');
  const mustWait = draft === '' || isBusy(props);
  return (
    <form
      class="text-entry"
      onSubmit={(event) => {
        event.preventDefault();
        if (mustWait) return;
        onCommand(fn.slot, { [field]: draft });
        setDraft('');
      }}
    >
      <input
        type="text"
        value={draft}
        maxLength={60}
        disabled={!device.online}
        placeholder={name}
        aria-label={`${device.name}, ${name}`}
        onInput={(event) => setDraft(event.currentTarget.value)}
      />
      <button type="submit" disabled={!device.online} aria-disabled={mustWait}>
        {t('send_text')}
      </button>
    </form>
  );
}
