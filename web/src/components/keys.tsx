import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useWords } from '../i18n/context';
import { decideKeys, HubError, type KeysDecision } from '../state/api';
import type { Device, Keys, Reason } from '../state/types';
import { useNow } from './clock';

const pairingSeconds = 120;

export interface KeysPanelProps {
  readonly keys: Keys;
  readonly devices: readonly Device[];
  readonly clockOffsetMs: number;
}

/** Who may join, and whose keys are good. Opens by itself while somebody waits. */
export function KeysPanel({ keys, devices, clockOffsetMs }: KeysPanelProps): JSX.Element {
  const { t, why } = useWords();
  const [failure, setFailure] = useState<Reason | null>(null);
  const left = Math.max(0, Math.ceil((keys.pairing_until - useNow() - clockOffsetMs) / 1000));
  const nameOf = (mac: string): string => devices.find((device) => device.mac === mac)?.name ?? mac;
  const decide = (decision: KeysDecision, what: { mac: string } | { seconds: number }): void => {
    setFailure(null);
    decideKeys(decision, what).catch((error: unknown) =>
      setFailure(error instanceof HubError ? error.reason : { code: '', text: t('failed_hint') }),
    );
  };
  const revocable = devices.filter((device) => device.protocol === 'espial' && !keys.revoked.includes(device.mac));
  return (
    <details class="keys" open={keys.waiting.length > 0}>
      <summary>
        {t('keys_title')}
        {keys.waiting.length > 0 && <b>{t('keys_waiting', { count: keys.waiting.length })}</b>}
      </summary>
      {failure && (
        <p class="wrong" role="alert">
          {why(failure)}
        </p>
      )}
      <ul>
        {keys.waiting.map(({ mac, module }) => (
          <Row key={mac} text={module > 0 ? t('keys_asks_as', { mac, module }) : t('keys_asks', { mac })}>
            <Button text={t('keys_approve')} onPress={() => decide('approve', { mac })} />
            <Button text={t('keys_refuse')} onPress={() => decide('refuse', { mac })} />
          </Row>
        ))}
        <Row text={left > 0 ? t('pairing_open', { seconds: left }) : t('pairing_closed')}>
          {keys.policy === 'window' && (
            <Button
              text={left > 0 ? t('pairing_end') : t('pairing_begin')}
              onPress={() => decide('pairing', { seconds: left > 0 ? 0 : pairingSeconds })}
            />
          )}
        </Row>
        {keys.refused.map((mac) => (
          <Row key={mac} text={t('keys_refused', { mac })}>
            <Button text={t('keys_undo')} onPress={() => decide('unjudge', { mac })} />
          </Row>
        ))}
        {keys.labels.map((mac) => (
          <Row key={mac} text={t('keys_label', { mac })} />
        ))}
        {keys.revoked.map((mac) => (
          <Row key={mac} text={t('keys_revoked', { name: nameOf(mac) })}>
            <Button text={t('keys_unrevoke')} onPress={() => decide('unrevoke', { mac })} />
          </Row>
        ))}
        {keys.key.changing && (
          <Row text={t('key_changing', { count: keys.key.renewed, all: keys.key.modules })} />
        )}
      </ul>
      {revocable.length > 0 && <Revoke devices={revocable} onRevoke={(mac) => decide('revoke', { mac })} />}
    </details>
  );
}

/** Two steps, so that nobody is revoked by a slip. */
function Revoke({ devices, onRevoke }: { devices: readonly Device[]; onRevoke: (mac: string) => void }): JSX.Element {
  const { t } = useWords();
  const [mac, setMac] = useState('');
  const chosen = devices.find((device) => device.mac === mac);
  return (
    <p class="revoke">
      <select aria-label={t('revoke_which')} value={mac} onChange={(event) => setMac(event.currentTarget.value)}>
        <option value="">{t('revoke_which')}</option>
        {devices.map((device) => (
          <option key={device.mac} value={device.mac}>
            {device.name}
          </option>
        ))}
      </select>
      {chosen && (
        <Button
          text={t('revoke_now', { name: chosen.name })}
          onPress={() => {
            setMac('');
            onRevoke(chosen.mac);
          }}
        />
      )}
    </p>
  );
}

function Row({ text, children }: { text: string; children?: ComponentChildren }): JSX.Element {
  return (
    <li>
      <span>{text}</span>
      {children}
    </li>
  );
}

function Button({ text, onPress }: { text: string; onPress: () => void }): JSX.Element {
  return (
    <button type="button" onClick={onPress}>
      {text}
    </button>
  );
}
