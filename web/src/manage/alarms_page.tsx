/** What the hub watches for, and whom it tells. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Problem, useDeed } from '../components/deed';
import { Icon } from '../components/icons';
import { numberText, timeText, valueText } from '../format';
import { findField } from '../kinds';
import { hrefOf } from '../route';
import type { State } from '../state/reducer';
import { may, mayDecide, useSession } from '../state/session';
import { AlarmEditor } from './alarm_editor';
import { Heed, Said } from './alarm_heed';
import { draftOf, emptyDraft, isEither, subjectName, topicOf, type Draft } from './alarms';
import { fetchAlarms, removeAlarm, type Alarm } from './api';
import { Answer, useAsked } from './asked';
import { Confirm } from './confirm';
import { functionOf, type Devices } from './groups';
import { PageHead } from './page_head';
import { useManageWords, type ManageWords } from './words';

export function AlarmsPage({ state }: { state: State }): JSX.Element {
  const { t } = useManageWords();
  const session = useSession();
  const mayChange = mayDecide(session);
  const alarms = useAsked(fetchAlarms, [state.changed.alarms]);
  const [edited, setEdited] = useState<Draft | null>(null);
  return (
    <>
      <PageHead title={t('page_alarms')} hint={t('alarms_hint')}>
        {mayChange && (
          <button type="button" class="primary" onClick={() => setEdited(emptyDraft)}>
            {t('alarm_new')}
          </button>
        )}
      </PageHead>
      <Answer asked={alarms}>
        {(list) =>
          list.length === 0 ? (
            <div class="nothing">
              <Icon name="alert" size={32} />
              <h2>{t('alarms_none')}</h2>
              <p>{t(mayChange ? 'alarms_none_hint' : 'alarms_none_viewer')}</p>
            </div>
          ) : (
            <div class="tiles">
              {raisedFirst(list).map((alarm) => (
                <AlarmTile
                  key={alarm.name}
                  alarm={alarm}
                  devices={state.devices}
                  mayChange={mayChange}
                  mayHeed={may(session, 'operator')}
                  onEdit={() => setEdited(draftOf(alarm))}
                  onChanged={alarms.reload}
                />
              ))}
            </div>
          )
        }
      </Answer>
      {edited && (
        <AlarmEditor
          draft={edited}
          taken={alarms.value?.map(({ name }) => name) ?? []}
          devices={state.devices}
          onClose={() => setEdited(null)}
          onSaved={alarms.reload}
        />
      )}
    </>
  );
}

/** What still waits for somebody before what somebody takes care of. */
function raisedFirst(alarms: readonly Alarm[]): Alarm[] {
  const urgency = ({ state, acknowledged }: Alarm): number => (state === 'over' ? 0 : acknowledged ? 1 : 2);
  return [...alarms].sort((a, b) => urgency(b) - urgency(a));
}

interface TileProps {
  readonly alarm: Alarm;
  readonly devices: Devices;
  readonly mayChange: boolean;
  readonly mayHeed: boolean;
  readonly onEdit: () => void;
  readonly onChanged: () => Promise<void>;
}

function AlarmTile({ alarm, devices, mayChange, mayHeed, onEdit, onChanged }: TileProps): JSX.Element {
  const words = useManageWords();
  const { t, language } = words;
  const removal = useDeed();
  const device = devices.get(alarm.device);
  const fn = functionOf(devices, { mac: alarm.device, slot: alarm.slot });
  const field = findField(fn?.kind ?? '', alarm.field);
  const subject = fn ? subjectName(fn, alarm.field, language) : alarm.field;
  const isRaised = alarm.state === 'raised';
  const isUrgent = isRaised && !alarm.acknowledged;
  return (
    <article class={`tile alarm${isUrgent ? ' is-raised' : ''}`} aria-label={alarm.name}>
      <header>
        <h3>{alarm.name}</h3>
        <span class={`pill ${isUrgent ? 'bad' : isRaised ? 'calm' : 'good'}`}>
          {isRaised && <Icon name={isUrgent ? 'alert' : 'check'} size={14} />}
          {t(isUrgent ? 'alarm_is_raised' : isRaised ? 'alarm_is_known' : 'alarm_is_over')}
        </span>
      </header>
      <p class="subject">
        {device ? <a href={hrefOf({ page: 'module', mac: device.mac })}>{device.name}</a> : t('module_gone', { mac: alarm.device })}
        <span>{subject}</span>
        <b>{(fn && valueText(fn, alarm.field, language)) ?? t('no_value')}</b>
      </p>
      <dl class="facts">
        <dt>{t('alarm_when')}</dt>
        <dd>
          {conditions(alarm, words, field).map((text) => (
            <span key={text}>{text}</span>
          ))}
        </dd>
        {isRaised && alarm.since > 0 && (
          <>
            <dt>{t('alarm_since')}</dt>
            <dd>{timeText(alarm.since, language, true)}</dd>
          </>
        )}
        <Said alarm={alarm} />
        <dt>{t('alarm_tells')}</dt>
        <dd>
          <span>
            MQTT <code>{topicOf(alarm.name)}</code>
          </span>
          {alarm.webhook && (
            <span>
              {t('alarm_webhook')} <code>{alarm.webhook}</code>
            </span>
          )}
        </dd>
      </dl>
      <Problem text={removal.problem} />
      <footer class="deeds">
        {mayHeed && <Heed alarm={alarm} />}
        {mayChange && (
          <>
            <button type="button" class="plain" onClick={onEdit}>
              {t('edit')}
            </button>
            <Confirm
              label={t('delete')}
              question={t('alarm_delete_sure', { name: alarm.name })}
              busy={removal.busy}
              onYes={async () => (await removal.run(() => removeAlarm(alarm.name))) && onChanged()}
            />
          </>
        )}
      </footer>
    </article>
  );
}

/** "above 8 °C", "for 60 s", "until 1 °C back": when it is raised and over. */
function conditions(alarm: Alarm, { t, language }: ManageWords, field: ReturnType<typeof findField>): string[] {
  const limit = (value: number): string => numberText(value, field, language);
  const texts: string[] = [];
  if (isEither(field)) {
    texts.push(field?.states[alarm.above === undefined ? 0 : 1]?.title[language] ?? '');
  } else {
    if (alarm.above !== undefined) texts.push(t('alarm_above', { value: limit(alarm.above) }));
    if (alarm.below !== undefined) texts.push(t('alarm_below', { value: limit(alarm.below) }));
  }
  if (alarm.hold_s > 0) texts.push(t('alarm_hold', { seconds: alarm.hold_s }));
  if (alarm.hysteresis > 0) texts.push(t('alarm_back', { value: limit(alarm.hysteresis) }));
  return texts;
}
