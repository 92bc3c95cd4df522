import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ageText, numberText, printNumber, valueText } from '../format';
import { useWords } from '../i18n/context';
import { findField, findKind, functionName, furtherText, hasHistory, isStale, mainField, settableField, standing } from '../kinds';
import { isWaiting, type Pending } from '../state/reducer';
import { may, useSession } from '../state/session';
import type { Device, FunctionState, Values } from '../state/types';
import { BrightnessControl, SetPointControl, SwitchControl, TextControl } from './controls';
import { Icon } from './icons';

export interface RowProps {
  readonly device: Device;
  readonly fn: FunctionState;
  readonly pending: Pending | undefined;
  readonly hubNow: number;
  readonly onOpen: (slot: number, field: string) => void;
  readonly onCommand: (slot: number, wanted: Values) => void;
}

/** One function of a module: what it is, how it stands, and how to steer it. */
export function FunctionRow(props: RowProps): JSX.Element {
  const { fn, device, hubNow, pending, onOpen } = props;
  const { t, language } = useWords();
  const kind = findKind(fn.kind);
  const name = functionName(fn, language);
  const field = mainField(fn.kind, fn.values, fn.fields);
  const stale = isStale(fn, device, hubNow);
  const limits = stale ? undefined : standing(fn, field);
  const isOn = kind?.widget === 'switch' && fn.values[field] === 1;
  const flash = useFlash(kind?.isEvent ? fn.taken_at : 0);
  const further = furtherText(fn, field, language, (value) => numberText(value, undefined, language));
  const label = (
    <span class="what">
      <span class="name">{name}</span>
      {further && <span class="note">{further}</span>}
      <Note fn={fn} hubNow={hubNow} pending={pending} />
    </span>
  );
  const head = hasHistory(fn.kind, field) ? (
    <button
      type="button"
      class="head"
      aria-label={`${t('open_history', { name })}. ${valueText(fn, field, language) ?? t('no_value')}`}
      onClick={() => onOpen(fn.slot, field)}
    >
      <span class="badge">
        <Icon name={fn.kind} />
      </span>
      {label}
      <Reading fn={fn} field={field} />
    </button>
  ) : (
    <span class="head">
      <span class="badge">
        <Icon name={fn.kind} />
      </span>
      {label}
      <Reading fn={fn} field={field} />
    </span>
  );
  return (
    <li class={`function kind-${fn.kind}${stale ? ' stale' : ''}${flash ? ' flash' : ''}${isOn ? ' is-on' : ''}${limits ? ` ${limits}-limits` : ''}`} data-slot={fn.slot}>
      {head}
      <Control {...props} name={name} />
      {pending && !isWaiting(pending) && <Outcome pending={pending} />}
    </li>
  );
}

/** True for a moment after `moment` has changed: a press should be seen, even a short one. */
function useFlash(moment: number): boolean {
  const before = useRef(moment);
  const [flash, setFlash] = useState(false);
  useEffect(() => {
    if (moment === before.current) return;
    before.current = moment;
    setFlash(true);
    const timer = setTimeout(() => setFlash(false), 1200);
    return () => clearTimeout(timer);
  }, [moment]);
  return flash;
}

function Note({ fn, hubNow, pending }: { fn: FunctionState; hubNow: number; pending: Pending | undefined }): JSX.Element {
  const { t, language } = useWords();
  if (pending && isWaiting(pending)) {
    const word = pending.state === 'sending' ? 'sending' : pending.waitsForWake ? 'waits_for_wake' : 'sent';
    return <span class="note waiting">{t(word)}</span>;
  }
  if (fn.taken_at === 0) return <span class="note">{t('never')}</span>;
  const age = ageText(hubNow - fn.taken_at, language) ?? t('just_now');
  return (
    <span class="note">
      {fn.kind === 'thermostat' && fn.values['heating'] === 1 && <Heating />}
      {age}
    </span>
  );
}

function Outcome({ pending }: { pending: Pending }): JSX.Element {
  const { t, why } = useWords();
  const word = pending.state === 'refused' ? 'refused' : pending.state === 'expired' ? 'expired' : 'failed';
  const hint = word === 'expired' ? t('expired_hint') : word === 'failed' ? t('failed_hint') : '';
  return (
    <p class="outcome" role="status">
      <Icon name="alert" size={16} />
      <span>
        <b>{t(word)}.</b> {pending.reason ? why(pending.reason) : hint}
      </span>
    </p>
  );
}

function Control(props: RowProps & { name: string }): JSX.Element | null {
  const kind = findKind(props.fn.kind);
  const session = useSession();
  if (!props.fn.commands || !may(session, 'operator')) return null;
  const own = kind ? undefined : settableField(props.fn);
  if (own) {
    const isSwitch = own.minimum === 0 && own.maximum === 1;
    return isSwitch ? <SwitchControl {...props} field={own.name} /> : <SetPointControl {...props} field={own.name} />;
  }
  if (!kind?.commandField) return null;
  switch (kind.widget) {
    case 'switch':
      return <SwitchControl {...props} field={kind.commandField} />;
    case 'thermostat':
      return <SetPointControl {...props} field={kind.commandField} />;
    case 'slider':
      return <BrightnessControl {...props} field={kind.commandField} />;
    case 'text':
      return <TextControl {...props} field={kind.commandField} />;
    default:
      return null;
  }
}

function Reading({ fn, field }: { fn: FunctionState; field: string }): JSX.Element {
  const { t, language } = useWords();
  const info = findField(fn.kind, field);
  const value = fn.values[field];
  if (value === null || value === undefined) return <Value>{<span class="none">{t('no_value')}</span>}</Value>;
  if (typeof value === 'string') return <Value text>{value}</Value>;
  const state = info?.states[Math.round(value)];
  if (state) {
    return (
      <Value>
        <span class={`state state-${state.name}`}>{state.title[language]}</span>
      </Value>
    );
  }
  const { whole, fraction, unit } = printNumber(value, info, language);
  const unitShown = fn.fields?.[field]?.unit || unit;
  return (
    <Value>
      {fn.kind === 'battery' && <Charge percent={value} />}
      <span class="number">
        {whole}
        {fraction && <small>{fraction}</small>}
        {unitShown && <span class="unit">{` ${unitShown}`}</span>}
      </span>
    </Value>
  );
}

function Value({ children, text }: { children: ComponentChildren; text?: boolean }): JSX.Element {
  return <span class={`value${text ? ' text' : ''}`}>{children}</span>;
}

function Heating(): JSX.Element {
  const { language } = useWords();
  return <b class="heating">{`${findField('thermostat', 'heating')?.states[1]?.title[language]} · `}</b>;
}

function Charge({ percent }: { percent: number }): JSX.Element {
  const level = Math.max(0, Math.min(100, percent));
  return (
    <svg class={`charge${level < 20 ? ' low' : ''}`} width="30" height="14" viewBox="0 0 30 14" aria-hidden="true">
      <rect class="case" x="0.75" y="0.75" width="25.5" height="12.5" rx="3.5" />
      <rect class="fill" x="2.75" y="2.75" width={(21.5 * level) / 100} height="8.5" rx="1.75" />
      <rect class="pole" x="27.5" y="4.5" width="2" height="5" rx="1" />
    </svg>
  );
}
