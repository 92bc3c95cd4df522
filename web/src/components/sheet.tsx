import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useWords } from '../i18n/context';
import { Icon } from './icons';

export interface SheetProps {
  /** As a screen reader names it. */
  readonly label: string;
  /** What the title belongs to. */
  readonly over?: string;
  readonly title: string;
  /** A form is narrower than a graph, and no slip outside of it throws away what was typed. */
  readonly form?: boolean;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Something over the page, until it is closed. */
export function Sheet({ label, over, title, form = false, onClose, children }: SheetProps): JSX.Element {
  const { t } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    // Whoever opens a form wants to fill it in, not to close it.
    if (form) dialog.current?.querySelector<HTMLElement>('form input, form select')?.focus();
    return () => dialog.current?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`history${form ? ' form' : ''}`}
      aria-label={label}
      onClose={onClose}
      onClick={(event) => {
        if (!form && event.target === dialog.current) onClose();
      }}
    >
      <div class="sheet">
        <header>
          <div>
            {over && <p class="over">{over}</p>}
            <h2>{title}</h2>
          </div>
          <button type="button" class="ghost" aria-label={t('close')} onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
