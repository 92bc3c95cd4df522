import type { ComponentChildren, JSX } from 'preact';
import { shortMac } from '../format';
import { useWords } from '../i18n/context';
import { isHeeded, type State } from '../state/reducer';
import { useClosed } from '../state/session';
import type { Alarm } from '../state/types';
import { Icon } from './icons';

/** What is wrong beyond a single module, the worst first. */
export function Banners({ state, onRetry }: { state: State; onRetry: () => void }): JSX.Element {
  const { t, why } = useWords();
  const { link, system } = state;
  const closed = useClosed();
  const silent = system?.gateways.filter((gateway) => !gateway.online) ?? [];
  const live = link === 'live';
  return (
    <div class="banners" role="status" aria-live="polite">
      {link === 'away' && (
        <Banner tone="bad">
          <span>{closed ? t('store_failing', { reason: why(closed) }) : t('hub_away')}</span>
          <button type="button" onClick={onRetry}>
            {t('retry')}
          </button>
        </Banner>
      )}
      {live && system && !system.broker.connected && <Banner tone="bad">{t('broker_away')}</Banner>}
      {live && system && !system.store.ok && (
        <Banner tone="bad">
          {t('store_failing', { reason: why({ code: system.store.code, text: system.store.reason }) })}
        </Banner>
      )}
      {live && system?.broker.connected && silent.length > 0 && (
        <Banner tone="warn">
          {t('gateway_away', { count: silent.length, names: silent.map((g) => shortMac(g.mac)).join(', ') })}
        </Banner>
      )}
      {live &&
        [...(system?.alarms ?? [])].sort(byUrgency).map((alarm) => (
          <Banner tone={isHeeded(alarm) ? 'calm' : 'bad'} key={alarm.name}>
            {t('alarm_raised', { name: alarm.name, module: state.devices.get(alarm.mac)?.name ?? alarm.mac })}
          </Banner>
        ))}
      {live && system && system.certificate_days !== null && (
        <Banner tone={system.certificate_days < 0 ? 'bad' : 'warn'}>{t('certificate_ends')}</Banner>
      )}
      {live && system?.s2_open && <Banner tone="warn">{t('s2_open')}</Banner>}
    </div>
  );
}

function byUrgency(a: Alarm, b: Alarm): number {
  return Number(isHeeded(a)) - Number(isHeeded(b));
}

function Banner({ tone, children }: { tone: 'bad' | 'warn' | 'calm'; children: ComponentChildren }): JSX.Element {
  return (
    <div class={`banner ${tone}`}>
      <Icon name="alert" />
      <div>{children}</div>
    </div>
  );
}
