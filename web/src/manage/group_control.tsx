/** What steers all members of a group. It shows no state: each member has its own. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { numberText } from '../format';
import type { Group } from './api';
import type { Setting } from './groups';
import { useManageWords } from './words';

export interface ControlProps {
  readonly setting: Setting;
  readonly group: Group;
  readonly busy: boolean;
  readonly onSend: (value: number | string) => void;
}

export function GroupControl(props: ControlProps): JSX.Element {
  const { t, language } = useManageWords();
  const { setting, group } = props;
  const { field, members } = setting;
  const title = field.title[language];
  return (
    <div class="group-control" role="group" aria-label={`${group.name}, ${title}`}>
      <span class="label">
        {title}
        {members < group.members.length && <small>{t('group_some', { count: members, all: group.members.length })}</small>}
      </span>
      {field.states.length === 2 ? <States {...props} /> : field.type === 'text' ? <Text {...props} /> : <Level {...props} />}
    </div>
  );
}

function States({ setting, busy, onSend }: ControlProps): JSX.Element {
  const { language } = useManageWords();
  // The one that a person reaches for first is "on".
  return (
    <span class="deeds">
      {[1, 0].map((value) => (
        <button key={value} type="button" class="plain" aria-disabled={busy} onClick={() => busy || onSend(value)}>
          {setting.field.states[value]?.title[language]}
        </button>
      ))}
    </span>
  );
}

function Level({ setting, busy, onSend }: ControlProps): JSX.Element {
  const { t, language } = useManageWords();
  const { field, present } = setting;
  const step = field.unit === '°C' ? 0.5 : 5;
  const start = present ?? (field.minimum + field.maximum) / 2;
  const [wish, setWish] = useState<number | null>(null);
  const shown = wish ?? Math.round(start / step) * step;
  return (
    <form
      class="level"
      onSubmit={(event) => {
        event.preventDefault();
        if (busy) return;
        setWish(null);
        onSend(shown);
      }}
    >
      <input
        type="range"
        class="slider"
        min={field.minimum}
        max={field.maximum}
        step={step}
        value={shown}
        ref={(element) =>
          element?.style.setProperty('--level', `${(100 * (shown - field.minimum)) / (field.maximum - field.minimum)}%`)
        }
        aria-label={field.title[language]}
        aria-valuetext={numberText(shown, field, language)}
        onInput={(event) => setWish(Number(event.currentTarget.value))}
      />
      <output>{numberText(shown, { ...field, decimals: step < 1 ? 1 : 0 }, language)}</output>
      <button type="submit" class="plain" aria-disabled={busy}>
        {t('set')}
      </button>
    </form>
  );
}

function Text({ setting, busy, onSend }: ControlProps): JSX.Element {
  const { t, language } = useManageWords();
  const [draft, setDraft] = useState('');
  return (
    <form
      class="level"
      onSubmit={(event) => {
        event.preventDefault();
        if (busy) return;
        onSend(draft);
        setDraft('');
      }}
    >
      <input
        type="text"
        value={draft}
        required
        maxLength={60}
        aria-label={setting.field.title[language]}
        onInput={(event) => setDraft(event.currentTarget.value)}
      />
      <button type="submit" class="plain" aria-disabled={busy}>
        {t('send_text')}
      </button>
    </form>
  );
}
