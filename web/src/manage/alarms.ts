/** A rule, as it is and as it is written down in a form. Pure. */
import { fieldName, fieldsOf, findKind, functionName, hasHistory, type Field } from '../kinds';
import type { Language } from '../i18n';
import type { Device, FunctionState } from '../state/types';
import type { Alarm, Rule } from './api';
import type { ManageKey } from './words';

/** Where the hub tells of it; the site stands in the middle, and the page need not know it. */
export const topicOf = (name: string): string => `espial/+/alarm/${name.replace(/[/+#]/g, '_')}`;

/** A rule while somebody writes it: what stands in the fields of the form. */
export interface Draft {
  readonly name: string;
  /** "mac/slot/field"; empty until something is chosen. */
  readonly subject: string;
  readonly above: string;
  readonly below: string;
  readonly hysteresis: string;
  readonly hold_s: string;
  readonly webhook: string;
}

export const emptyDraft: Draft = {
  name: '',
  subject: '',
  above: '',
  below: '',
  hysteresis: '0',
  hold_s: '60',
  webhook: '',
};

export const holdMax_s = 86_400;

export const subjectOf = (mac: string, slot: number, field: string): string => `${mac}/${slot}/${field}`;

export function draftOf(alarm: Alarm): Draft {
  return {
    name: alarm.name,
    subject: subjectOf(alarm.device, alarm.slot, alarm.field),
    above: alarm.above?.toString() ?? '',
    below: alarm.below?.toString() ?? '',
    hysteresis: String(alarm.hysteresis),
    hold_s: String(alarm.hold_s),
    webhook: alarm.webhook ?? '',
  };
}

export function ruleOf(draft: Draft): Rule & { readonly webhook: string } {
  const [device = '', slot, field = ''] = draft.subject.split('/');
  return {
    device,
    slot: Number(slot),
    field,
    ...(draft.above === '' ? {} : { above: Number(draft.above) }),
    ...(draft.below === '' ? {} : { below: Number(draft.below) }),
    hysteresis: Number(draft.hysteresis),
    hold_s: Number(draft.hold_s),
    webhook: draft.webhook.trim(),
  };
}

/** Why the hub would not take it; null when it would. */
export function wrongWith(draft: Draft): ManageKey | null {
  const { above, below, hysteresis, webhook } = ruleOf(draft);
  if (/[/+#]/.test(draft.name)) return 'alarm_wrong_name';
  if (draft.subject === '') return 'alarm_wrong_subject';
  if (above === undefined && below === undefined) return 'alarm_wrong_none';
  if (above !== undefined && below !== undefined && below + hysteresis >= above - hysteresis) return 'alarm_wrong_order';
  if (webhook !== '' && !/^https?:\/\/[^\s/]+/.test(webhook)) return 'alarm_wrong_webhook';
  return null;
}

/** Whether a value is one of two states, so that a rule about it needs no number. */
export function isEither(field: Field | undefined): boolean {
  return field?.states.length === 2;
}

/** The state (0 or 1) at which an alarm about a field of two states is raised; null where none is chosen. */
export function stateOf(draft: Draft): 0 | 1 | null {
  if (draft.above !== '') return 1;
  return draft.below === '' ? null : 0;
}

/** The same the other way: half way between the two. */
export function withState(draft: Draft, state: 0 | 1): Draft {
  return { ...draft, above: state === 1 ? '0.5' : '', below: state === 0 ? '0.5' : '', hysteresis: '0' };
}

export interface Subject {
  readonly value: string;
  readonly name: string;
}

/** Every value of these modules that a rule can be about, by module. */
export function subjectsOf(devices: Iterable<Device>, language: Language): { module: string; subjects: Subject[] }[] {
  const byName = new Intl.Collator(language, { numeric: true, sensitivity: 'base' });
  return [...devices]
    .map((device) => ({
      module: device.name,
      subjects: device.functions.flatMap((fn) => {
        // Of a kind of a configuration's own also what it does not speak of: a rule may be about that.
        const fields = new Set([...fieldsOf(fn), ...Object.keys(fn.values)]);
        return [...fields]
          .filter((field) => hasHistory(fn.kind, field))
          .map((field) => ({ value: subjectOf(device.mac, fn.slot, field), name: subjectName(fn, field, language) }));
      }),
    }))
    .filter(({ subjects }) => subjects.length > 0)
    .sort((a, b) => byName.compare(a.module, b.module));
}

/** "Thermostat: Set point", "Pool: F1"; where a function has but one value, it is called like the function. */
export function subjectName(fn: FunctionState, field: string, language: Language): string {
  const name = functionName(fn, language);
  return findKind(fn.kind)?.fields.length === 1 ? name : `${name}: ${fieldName(fn, field, language)}`;
}
