import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Icon } from '../components/icons';
import { useManageWords } from './words';

export interface SecretProps {
  /** What it is for. */
  readonly title: string;
  /** By what each line is; all of it is shown this once. */
  readonly lines: readonly { readonly label: string; readonly text: string }[];
  readonly onDone: () => void;
}

/** What nobody can ask for again. */
export function Secret({ title, lines, onDone }: SecretProps): JSX.Element {
  const { t } = useManageWords();
  return (
    <section class="secret" aria-label={title}>
      <h3>{title}</h3>
      <p class="hint">{t('secret_once')}</p>
      {lines.map(({ label, text }) => (
        <Line key={label} label={label} text={text} />
      ))}
      <div class="deeds">
        <button type="button" class="plain" onClick={onDone}>
          {t('secret_done')}
        </button>
      </div>
    </section>
  );
}

function Line({ label, text }: { label: string; text: string }): JSX.Element {
  const { t } = useManageWords();
  const code = useRef<HTMLElement>(null);
  const [copied, setCopied] = useState(false);
  return (
    <div class="secret-line">
      <span>{label}</span>
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
