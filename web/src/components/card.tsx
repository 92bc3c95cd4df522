import type { JSX } from 'preact';
import { memo } from './memo';
import { ageText, shortMac, signalBars } from '../format';
import { useWords } from '../i18n/context';
import { keyOf, type Pending } from '../state/reducer';
import { command } from '../state/store';
import type { Device } from '../state/types';
import { useNow } from './clock';
import { FunctionRow } from './function_row';
import { Bars } from './icons';
import { Name } from './name';

export interface CardProps {
  readonly device: Device;
  readonly pending: ReadonlyMap<string, Pending>;
  readonly clockOffsetMs: number;
  readonly onOpen: (mac: string, slot: number, field: string) => void;
}

/** One module. */
export const Card = memo(function Card({ device, pending, clockOffsetMs, onOpen }: CardProps): JSX.Element {
  const { t, language } = useWords();
  const hubNow = useNow() + clockOffsetMs;
  const heard = device.last_seen === 0 ? t('never') : (ageText(hubNow - device.last_seen, language) ?? t('just_now'));
  return (
    <article class={`card${device.online ? '' : ' is-offline'}`} aria-label={device.name} data-mac={device.mac}>
      <header>
        <Name device={device} />
        <span class={`presence-pill ${device.online ? 'on' : 'off'}`}>
          <i aria-hidden="true" />
          {t(device.online ? 'online' : 'offline')}
        </span>
      </header>
      <ul class="functions">
        {device.functions.map((fn) => (
          <FunctionRow
            key={fn.slot}
            device={device}
            fn={fn}
            hubNow={hubNow}
            pending={pending.get(keyOf(device.mac, fn.slot))}
            onOpen={(slot, field) => onOpen(device.mac, slot, field)}
            onCommand={(slot, wanted) => void command(device.mac, slot, wanted)}
          />
        ))}
      </ul>
      <footer>
        <span title={device.mac}>{t('last_seen', { age: heard })}</span>
        <span class="path">
          {device.gateway && <span title={device.gateway}>{t('via_gateway', { gateway: shortMac(device.gateway) })}</span>}
          {device.rssi !== null && (
            <span class="signal" role="img" title={t('signal', { rssi: device.rssi })} aria-label={t('signal', { rssi: device.rssi })}>
              <Bars bars={device.online ? signalBars(device.rssi) : 0} />
              <span aria-hidden="true">{device.rssi}</span>
            </span>
          )}
        </span>
      </footer>
    </article>
  );
});
