import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Form } from '../components/form';
import { Sheet } from '../components/sheet';
import { valueText } from '../format';
import { findField } from '../kinds';
import { holdMax_s, isEither, ruleOf, stateOf, subjectsOf, topicOf, withState, wrongWith, type Draft } from './alarms';
import { saveAlarm } from './api';
import { Entry, Pick } from './fields';
import { functionOf, type Devices } from './groups';
import { useManageWords } from './words';

export interface EditorProps {
  /** One without a name is a new one. */
  readonly draft: Draft;
  readonly taken: readonly string[];
  readonly devices: Devices;
  readonly onClose: () => void;
  readonly onSaved: () => Promise<void>;
}

export function AlarmEditor({ draft: first, taken, devices, onClose, onSaved }: EditorProps): JSX.Element {
  const { t } = useManageWords();
  const isNew = first.name === '';
  const [draft, setDraft] = useState(first);
  const change = (part: Partial<Draft>): void => setDraft({ ...draft, ...part });
  const name = draft.name.trim();
  const problem = wrongWith(draft);
  const wrong = isNew && taken.includes(name) ? t('alarm_taken') : problem ? t(problem) : '';
  const title = isNew ? t('alarm_new') : first.name;
  return (
    <Sheet label={title} over={isNew ? '' : t('edit')} title={title} form onClose={onClose}>
      <Form
        button={t('save')}
        wrong={wrong}
        onCancel={onClose}
        onSend={async () => {
          await saveAlarm(name, ruleOf(draft));
          await onSaved();
          onClose();
        }}
      >
        {isNew && <Entry label={t('name')} value={draft.name} onValue={(text) => change({ name: text })} required maxLength={29} />}
        <SubjectPick draft={draft} devices={devices} onSubject={(subject) => change({ subject, above: '', below: '', hysteresis: '0' })} />
        <Threshold draft={draft} devices={devices} onChange={setDraft} />
        <Entry
          label={t('alarm_hold_label')}
          hint={t('alarm_hold_hint')}
          type="number"
          unit="s"
          min={0}
          max={holdMax_s}
          step={1}
          required
          value={draft.hold_s}
          onValue={(hold_s) => change({ hold_s })}
        />
        <Entry
          label={t('alarm_webhook_label')}
          hint={t('alarm_webhook_hint')}
          type="url"
          placeholder="http://"
          value={draft.webhook}
          onValue={(webhook) => change({ webhook })}
        />
        <p class="hint">
          {t('alarm_mqtt_hint')} <code>{topicOf(name || '…')}</code>
        </p>
      </Form>
    </Sheet>
  );
}

interface PartProps {
  readonly draft: Draft;
  readonly devices: Devices;
}

/** What the alarm is about: a value of a module, with what it is now. */
function SubjectPick({ draft, devices, onSubject }: PartProps & { onSubject: (subject: string) => void }): JSX.Element {
  const { t, language } = useManageWords();
  const modules = subjectsOf(devices.values(), language);
  const isKnown = modules.some(({ subjects }) => subjects.some(({ value }) => value === draft.subject));
  return (
    <Pick label={t('alarm_subject')} value={draft.subject} onValue={onSubject} required>
      <option value="">{t('choose')}</option>
      {draft.subject !== '' && !isKnown && <option value={draft.subject}>{draft.subject}</option>}
      {modules.map(({ module, subjects }) => (
        <optgroup key={module} label={module}>
          {subjects.map(({ value, name }) => (
            <option key={value} value={value}>
              {`${module}, ${name}`}
              {now(value, devices, language)}
            </option>
          ))}
        </optgroup>
      ))}
    </Pick>
  );
}

function now(subject: string, devices: Devices, language: 'en' | 'fr' | 'ru'): string {
  const [mac = '', slot, field = ''] = subject.split('/');
  const fn = functionOf(devices, { mac, slot: Number(slot) });
  const text = fn && valueText(fn, field, language);
  return text ? ` (${text})` : '';
}

/** Numbers for a measure, one of the two states for what has only these. */
function Threshold({ draft, devices, onChange }: PartProps & { onChange: (draft: Draft) => void }): JSX.Element | null {
  const { t, language } = useManageWords();
  if (draft.subject === '') return null;
  const { device, slot, field: name } = ruleOf(draft);
  const field = findField(functionOf(devices, { mac: device, slot })?.kind ?? '', name);
  if (field && isEither(field)) {
    const state = stateOf(draft);
    return (
      <Pick
        label={t('alarm_when_state')}
        value={state === null ? '' : String(state)}
        onValue={(chosen) => onChange(withState(draft, chosen === '1' ? 1 : 0))}
        required
      >
        {state === null && <option value="">{t('choose')}</option>}
        {[1, 0].map((value) => (
          <option key={value} value={String(value)}>
            {field.states[value]?.title[language]}
          </option>
        ))}
      </Pick>
    );
  }
  const part = (key: 'above' | 'below' | 'hysteresis', label: string, hint?: string): JSX.Element => (
    <Entry
      label={label}
      hint={hint}
      type="number"
      step="any"
      min={key === 'hysteresis' ? 0 : undefined}
      required={key === 'hysteresis'}
      unit={field?.unit}
      value={draft[key]}
      onValue={(text) => onChange({ ...draft, [key]: text })}
    />
  );
  return (
    <>
      <div class="pair">
        {part('above', t('alarm_above_label'))}
        {part('below', t('alarm_below_label'))}
      </div>
      {part('hysteresis', t('alarm_hysteresis_label'), t('alarm_hysteresis_hint'))}
    </>
  );
}
