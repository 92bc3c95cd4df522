/** When the site of S1's box nodes is open: the hours of the week, and of single days. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Problem, useDeed } from '../components/deed';
import { Form } from '../components/form';
import { Button, Row } from '../components/join';
import { HubError } from '../state/api';
import { mayDecide, useSession } from '../state/session';
import { fetchHours, saveHours } from './api';
import { Answer, useAsked } from './asked';
import { Entry } from './fields';
import { dateName, dayName, days, isZone, openingsIn, openingsText, type Day, type Hours } from './hours';
import { PageHead, Section } from './page_head';
import { useManageWords } from './words';

export function HoursPage(): JSX.Element {
  const { t } = useManageWords();
  const session = useSession();
  const hours = useAsked(fetchHours);
  if (!mayDecide(session)) return <p class="nothing">{t('admins_only')}</p>;
  if (hours.error instanceof HubError && hours.error.status === 404) return <p class="nothing">{t('hours_off')}</p>;
  const save = async (wanted: Hours): Promise<void> => {
    await saveHours(wanted);
    await hours.reload();
  };
  return (
    <>
      <PageHead title={t('page_hours')} hint={t('hours_hint')} />
      <Answer asked={hours}>
        {(known) => (
          <div class="tiles">
            <Week hours={known} onSave={save} />
            <SingleDays hours={known} onSave={save} />
          </div>
        )}
      </Answer>
    </>
  );
}

interface PartProps {
  readonly hours: Hours;
  readonly onSave: (wanted: Hours) => Promise<void>;
}

function Week({ hours, onSave }: PartProps): JSX.Element {
  const { t, language } = useManageWords();
  const [typed, setTyped] = useState<Partial<Record<Day | 'zone', string>>>({});
  const [saved, setSaved] = useState(false);
  const textOf = (day: Day): string => typed[day] ?? openingsText(hours.week[day]);
  const zone = (typed.zone ?? hours.zone).trim();
  const change = (part: typeof typed): void => {
    setTyped({ ...typed, ...part });
    setSaved(false);
  };
  const bad = days.find((day) => openingsIn(textOf(day)) === null);
  const wrongDay = bad ? t('hours_wrong', { day: dayName(bad, language) }) : '';
  return (
    <Section title={t('hours_week')} hint={t('hours_week_hint')}>
      <Form
        button={t('save')}
        wrong={wrongDay || (isZone(zone) ? '' : t('hours_wrong_zone', { zone }))}
        onSend={async () => {
          const week = Object.fromEntries(days.map((day) => [day, openingsIn(textOf(day)) ?? []])) as unknown as Hours['week'];
          await onSave({ ...hours, zone, week });
          setTyped({});
          setSaved(true);
        }}
      >
        <div class="week">
          {days.map((day) => (
            <Entry
              key={day}
              label={dayName(day, language)}
              value={textOf(day)}
              onValue={(text) => change({ [day]: text })}
              placeholder={t('hours_closed')}
            />
          ))}
        </div>
        <Entry
          label={t('hours_zone')}
          hint={t('hours_zone_hint')}
          value={typed.zone ?? hours.zone}
          onValue={(text) => change({ zone: text })}
          placeholder="Europe/Paris"
        />
      </Form>
      <p class="hint" role="status">
        {saved && t('hours_saved')}
      </p>
    </Section>
  );
}

/** Holidays and the like. */
function SingleDays({ hours, onSave }: PartProps): JSX.Element {
  const { t, language } = useManageWords();
  const { busy, problem, run } = useDeed();
  const dates = Object.keys(hours.exceptions).sort();
  const remove = (date: string): void => {
    const { [date]: _, ...exceptions } = hours.exceptions;
    void run(() => onSave({ ...hours, exceptions }));
  };
  return (
    <Section title={t('hours_days')} hint={t('hours_days_hint')}>
      <Problem text={problem} />
      <ul class="rows">
        {dates.map((date) => (
          <Row key={date} text={`${dateName(date, language)} · ${openingsText(hours.exceptions[date] ?? []) || t('hours_closed')}`}>
            <Button text={t('remove')} busy={busy} onPress={() => remove(date)} />
          </Row>
        ))}
      </ul>
      <AddDay hours={hours} onSave={onSave} />
    </Section>
  );
}

function AddDay({ hours, onSave }: PartProps): JSX.Element {
  const { t } = useManageWords();
  const [date, setDate] = useState('');
  const [text, setText] = useState('');
  const openings = openingsIn(text);
  return (
    <details>
      <summary>{t('hours_day_add')}</summary>
      <Form
        button={t('save')}
        wrong={openings ? '' : t('hours_wrong', { day: t('hours_open') })}
        onSend={async () => {
          await onSave({ ...hours, exceptions: { ...hours.exceptions, [date]: openings ?? [] } });
          setDate('');
          setText('');
        }}
      >
        <Entry label={t('hours_day')} type="date" value={date} onValue={setDate} required />
        <Entry label={t('hours_open')} value={text} onValue={setText} placeholder={t('hours_closed')} />
      </Form>
    </details>
  );
}
