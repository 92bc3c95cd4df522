/** A small form that asks the hub for something, and says why it did not get it. */
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useWords } from '../i18n/context';
import { Problem, useDeed } from './deed';

export interface FormProps {
  readonly button: string;
  readonly children: ComponentChildren;
  /** Why it can't be sent as it is; empty when it can. Said at the first attempt. */
  readonly wrong?: string;
  /** Gets what was typed, by field name. */
  readonly onSend: (values: Record<string, string>) => Promise<void>;
  readonly onCancel?: () => void;
}

export function Form({ button, children, wrong = '', onSend, onCancel }: FormProps): JSX.Element {
  const { t } = useWords();
  const { busy, problem, run } = useDeed();
  const [tried, setTried] = useState(false);

  const send = async (form: HTMLFormElement): Promise<void> => {
    const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    if (!(await run(() => onSend(values)))) return;
    form.reset();
    setTried(false);
  };
  return (
    <form
      class="entry"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (wrong === '') void send(event.currentTarget);
      }}
    >
      {children}
      <Problem text={(tried && wrong) || problem} />
      <div class="deeds">
        <button type="submit" class="primary" aria-disabled={busy}>
          {button}
        </button>
        {onCancel && (
          <button type="button" class="plain" onClick={onCancel}>
            {t('cancel')}
          </button>
        )}
      </div>
    </form>
  );
}

export interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'password';
  readonly autocomplete: 'username' | 'current-password' | 'new-password' | 'off';
  readonly focus?: boolean;
}

export function Field({ name, label, type = 'text', autocomplete, focus = false }: FieldProps): JSX.Element {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        name={name}
        type={type}
        autocomplete={autocomplete}
        autocapitalize="none"
        spellcheck={false}
        required
        maxLength={type === 'password' ? 256 : 32}
        minLength={autocomplete === 'new-password' ? 10 : undefined}
        ref={(element) => {
          if (focus && element && document.activeElement === document.body) element.focus();
        }}
      />
    </label>
  );
}
