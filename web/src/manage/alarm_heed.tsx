/** What people say to an alarm: that somebody takes care of it, or that it shall be silent for a time. */
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Problem, useDeed } from '../components/deed';
import { timeText } from '../format';
import { acknowledgeAlarm, silenceAlarm, unsilenceAlarm, type Alarm } from './api';
import { useManageWords, type ManageWords } from './words';

/** Offered to choose from; null: until it is switched on again. */
const silences_h = [1, 8, null] as const;

/** The name by which the hub knows whoever sits at it where nobody needs an account. */
const nameOf = (by: string, { t }: ManageWords): string => (by === 'local' ? t('alarm_by_local') : by);

/** Who has said what, as rows of the tile's facts. */
export function Said({ alarm }: { alarm: Alarm }): JSX.Element {
  const words = useManageWords();
  const { t, language } = words;
  const { acknowledged, silenced } = alarm;
  return (
    <>
      {acknowledged && (
        <>
          <dt>{t('alarm_acknowledged')}</dt>
          <dd>
            <span>{nameOf(acknowledged.by, words)}</span>
            <span>{timeText(acknowledged.at, language, true)}</span>
          </dd>
        </>
      )}
      {silenced && (
        <>
          <dt>{t('alarm_silent')}</dt>
          <dd>
            <span>
              {silenced.until === null
                ? t('alarm_until_on')
                : t('alarm_until', { time: timeText(silenced.until, language, true) })}
            </span>
            <span>{nameOf(silenced.by, words)}</span>
          </dd>
        </>
      )}
    </>
  );
}

/** What can be said now, beside what else can be done with the alarm. */
export function Heed({ alarm }: { alarm: Alarm }): JSX.Element {
  const { t } = useManageWords();
  const deed = useDeed();
  const [choosing, setChoosing] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setChoosing(false);
    requestAnimationFrame(() => opener.current?.focus());
  };
  return (
    <>
      <Problem text={deed.problem} />
      {choosing ? (
        <div
          class="confirm calm"
          role="group"
          aria-label={t('alarm_silence_how_long')}
          onKeyDown={(event) => {
            if (event.key === 'Escape') close();
          }}
        >
          <p>{t('alarm_silence_how_long')}</p>
          <div class="deeds">
            {silences_h.map((hours, index) => (
              <button
                key={hours}
                type="button"
                class="plain"
                autofocus={index === 0}
                onClick={() => {
                  close();
                  void deed.run(() => silenceAlarm(alarm.name, hours === null ? null : hours * 3600));
                }}
              >
                {hours === null ? t('alarm_until_on') : t('alarm_hours', { count: hours })}
              </button>
            ))}
            <button type="button" class="plain" onClick={close}>
              {t('cancel')}
            </button>
          </div>
        </div>
      ) : (
        <>
          {alarm.state === 'raised' && !alarm.acknowledged && (
            <button
              type="button"
              class="primary"
              aria-disabled={deed.busy}
              onClick={() => void deed.run(() => acknowledgeAlarm(alarm.name, alarm.since))}
            >
              {t('alarm_acknowledge')}
            </button>
          )}
          {alarm.silenced ? (
            <button type="button" class="plain" aria-disabled={deed.busy} onClick={() => void deed.run(() => unsilenceAlarm(alarm.name))}>
              {t('alarm_unsilence')}
            </button>
          ) : (
            <button type="button" class="plain" ref={opener} aria-disabled={deed.busy} onClick={() => setChoosing(true)}>
              {t('alarm_silence')}
            </button>
          )}
        </>
      )}
    </>
  );
}
