import type { ComponentChildren, JSX } from 'preact';
import { useWords } from '../i18n/context';
import { hrefOf } from '../route';
import { decideKeys } from '../state/api';
import type { Keys } from '../state/types';
import { useNow } from './clock';
import { Problem, useDeed } from './deed';

const pairingSeconds = 120;

export interface JoinProps {
  readonly keys: Keys;
  readonly clockOffsetMs: number;
}

/** Who asks to be let in, among the modules. Opens by itself while somebody waits. */
export function JoinPanel(props: JoinProps): JSX.Element {
  const { t } = useWords();
  const waiting = props.keys.waiting.length;
  return (
    <details class="keys" open={waiting > 0}>
      <summary>
        {t('keys_title')}
        {waiting > 0 && <b>{t('keys_waiting', { count: waiting })}</b>}
      </summary>
      <JoinRows {...props} />
      <a class="more" href={hrefOf({ page: 'network' })}>
        {t('keys_more')}
      </a>
    </details>
  );
}

/** Those who wait for a word, and the pairing window. */
export function JoinRows({ keys, clockOffsetMs }: JoinProps): JSX.Element {
  const { t } = useWords();
  const { busy, problem, run } = useDeed();
  const untilClosed_s = Math.max(0, Math.ceil((keys.pairing_until - useNow() - clockOffsetMs) / 1000));
  // Only that policy asks for the window.
  const left = keys.policy === 'window' ? untilClosed_s : 0;
  return (
    <>
      <Problem text={problem} />
      <ul class="rows">
        {keys.waiting.map(({ mac, module }) => (
          <Row key={mac} text={module > 0 ? t('keys_asks_as', { mac, module }) : t('keys_asks', { mac })}>
            <Button text={t('keys_approve')} busy={busy} onPress={() => run(() => decideKeys('approve', { mac }))} />
            <Button text={t('keys_refuse')} busy={busy} onPress={() => run(() => decideKeys('refuse', { mac }))} />
          </Row>
        ))}
        <Row text={left > 0 ? t('pairing_left', { seconds: left }) : t(`pairing_${keys.policy}`)}>
          {keys.policy === 'window' && (
            <Button
              text={left > 0 ? t('pairing_end') : t('pairing_begin')}
              busy={busy}
              onPress={() => run(() => decideKeys('pairing', { seconds: left > 0 ? 0 : pairingSeconds }))}
            />
          )}
        </Row>
      </ul>
    </>
  );
}

export function Row({ text, children }: { text: ComponentChildren; children?: ComponentChildren }): JSX.Element {
  return (
    <li>
      <span>{text}</span>
      {children}
    </li>
  );
}

export function Button({ text, busy = false, onPress }: { text: string; busy?: boolean; onPress: () => void }): JSX.Element {
  return (
    <button type="button" class="plain" aria-disabled={busy} onClick={onPress}>
      {text}
    </button>
  );
}
