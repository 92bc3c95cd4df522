import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useManageWords } from './words';

export interface ConfirmProps {
  /** What the first tap asks for. */
  readonly label: string;
  /** What will happen. */
  readonly question: string;
  /** What the second tap does; the label again where nothing is given. */
  readonly yes?: string;
  readonly busy?: boolean;
  readonly onYes: () => unknown;
}

/** A tap that can't be taken back asks once more. */
export function Confirm({ label, question, yes = label, busy = false, onYes }: ConfirmProps): JSX.Element {
  const { t } = useManageWords();
  const [asking, setAsking] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const cancel = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (asking) cancel.current?.focus();
  }, [asking]);
  const close = (): void => {
    setAsking(false);
    requestAnimationFrame(() => opener.current?.focus());
  };
  if (!asking) {
    return (
      <button type="button" class="plain danger" ref={opener} aria-disabled={busy} onClick={() => busy || setAsking(true)}>
        {label}
      </button>
    );
  }
  return (
    <div
      class="confirm"
      role="group"
      aria-label={question}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <p>{question}</p>
      <div class="deeds">
        <button
          type="button"
          class="primary danger"
          aria-disabled={busy}
          onClick={() => {
            close();
            void onYes();
          }}
        >
          {yes}
        </button>
        <button type="button" class="plain" ref={cancel} onClick={close}>
          {t('cancel')}
        </button>
      </div>
    </div>
  );
}
