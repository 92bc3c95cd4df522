import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Icon } from '../components/icons';
import type { Label } from '../state/api';
import { useManageWords } from './words';

export interface SecretLine {
  readonly label: string;
  readonly text: string;
  readonly qr?: Label['qr'];
}

export interface SecretProps {
  /** What it is for. */
  readonly title: string;
  /** By what each line is; all of it is shown this once. */
  readonly lines: readonly SecretLine[];
  readonly onDone: () => void;
}

/** What nobody can ask for again. */
export function Secret({ title, lines, onDone }: SecretProps): JSX.Element {
  const { t } = useManageWords();
  return (
    <section class="secret" aria-label={title}>
      <h3>{title}</h3>
      <p class="hint">{t('secret_once')}</p>
      {lines.map((line) => (
        <Line key={line.label} {...line} />
      ))}
      <div class="deeds">
        <button type="button" class="plain" onClick={onDone}>
          {t('secret_done')}
        </button>
      </div>
    </section>
  );
}

/** So many light squares around a code a reader wants. */
const qrMargin = 4;

function Line({ label, text, qr }: SecretLine): JSX.Element {
  const { t } = useManageWords();
  const code = useRef<HTMLElement>(null);
  const [copied, setCopied] = useState(false);
  return (
    <div class="secret-line">
      <span>{label}</span>
      {qr && (
        <svg
          class="qr"
          role="img"
          aria-label={t('label_code', { mac: label })}
          viewBox={[-qrMargin, -qrMargin, qr.width + 2 * qrMargin, qr.width + 2 * qrMargin].join(' ')}
        >
          <path d={qr.path} />
        </svg>
      )}
      <code ref={code}>{text}</code>
      <button
        type="button"
        class="plain"
        aria-label={t('copy_what', { what: label })}
        onClick={() => void copy(text, code.current).then(setCopied)}
      >
        <Icon name={copied ? 'check' : 'copy'} size={16} />
        <span role="status">{t(copied ? 'copied' : 'copy')}</span>
      </button>
    </div>
  );
}

/** A browser has a clipboard only where the page came by TLS or from this machine; elsewhere the text is at least selected. */
async function copy(text: string, shown: HTMLElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (shown) getSelection()?.selectAllChildren(shown);
    return document.execCommand('copy');
  }
}
