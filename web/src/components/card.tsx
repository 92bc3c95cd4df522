import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ageText, shortMac, signalBars } from '../format';
import { useWords } from '../i18n/context';
import { keyOf, type Pending } from '../state/reducer';
import { command } from '../state/store';
import type { Device } from '../state/types';
import { useNow } from './clock';
import { FunctionRow } from './function_row';
import { Bars, Icon } from './icons';
import { memo } from './memo';
import { hrefOf } from '../route';
import { Name } from './name';

export interface CardProps {
  readonly device: Device;
  readonly pending: ReadonlyMap<string, Pending>;
  readonly clockOffsetMs: number;
  readonly onOpen: (mac: string, slot: number, field: string) => void;
  /** Stands on the module's own page already. */
  readonly isHere?: boolean;
}

/** One module. */
export const Card = memo(function Card({ device, pending, clockOffsetMs, onOpen, isHere = false }: CardProps): JSX.Element {
  const { t, language } = useWords();
  const hubNow = useNow() + clockOffsetMs;
  const heard = device.last_seen === 0 ? t('never') : (ageText(hubNow - device.last_seen, language) ?? t('just_now'));
  const way = device.online && device.gateway ? t('via_gateway', { gateway: shortMac(device.gateway) }) : t('last_seen', { age: heard });
  const article = useRef<HTMLElement>(null);
  useEffect(() => packedBelow(article.current), []);
  return (
    <article ref={article} class={`card${device.online ? '' : ' is-offline'}`} aria-label={device.name} data-mac={device.mac}>
      <header>
        <Name device={device} />
        <span class={`presence-pill ${device.online ? 'on' : 'off'}`} title={t('last_seen', { age: heard })}>
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
        {isHere ? (
          <span>{way}</span>
        ) : (
          <a href={hrefOf({ page: 'module', mac: device.mac })} title={device.mac} aria-label={t('details_of', { name: device.name })}>
            {way}
            <Icon name="chevron" size={14} />
          </a>
        )}
        <span class="path">
          {device.protocol === 's0' && (
            <span class="unsecured" title={t('unsecured_hint')}>
              <Icon name="alert" size={14} />
              {t('unsecured')}
            </span>
          )}
          {device.rssi !== null && (
            <span class="signal" role="img" title={t('signal', { rssi: device.rssi })} aria-label={t('signal', { rssi: device.rssi })}>
              <Bars bars={device.online ? signalBars(device.rssi) : 0} />
              <span aria-hidden="true">{`${device.rssi} dBm`.replace('-', '−')}</span>
            </span>
          )}
        </span>
      </footer>
    </article>
  );
});

/** Rows of the grid are this high; a card takes as many as it needs, so that columns close up. */
const gridRowPx = 2;
const gapPx = 16;

function packedBelow(card: HTMLElement | null): (() => void) | undefined {
  if (!card) return undefined;
  const observer = new ResizeObserver(() => {
    card.style.gridRowEnd = `span ${Math.ceil((card.offsetHeight + gapPx) / gridRowPx)}`;
  });
  observer.observe(card);
  return () => observer.disconnect();
}
