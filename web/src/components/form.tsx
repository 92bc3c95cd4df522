/** A small form that asks the hub for something, and says why it did not get it. */
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useWords } from '../i18n/context';
import { HubError } from '../state/api';
import { Icon } from './icons';

export interface FormProps {
  readonly button: string;
  readonly children: ComponentChildren;
  /** Gets what was typed, by field name. */
  readonly onSend: (values: Record<string, string>) => Promise<void>;
}

export function Form({ button, children, onSend }: FormProps): JSX.Element {
  const { t, why } = useWords();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const send = async (form: HTMLFormElement): Promise<void> => {
    const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    setBusy(true);
    setError(null);
    try {
      await onSend(values);
      form.reset();
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  return (
    <form
      class="entry"
      onSubmit={(event) => {
        event.preventDefault();
        void send(event.currentTarget);
      }}
    >
      {children}
      {error !== null && (
        <p class="problem" role="alert">
          <Icon name="alert" size={16} />
          <span>{error instanceof HubError ? why(error.reason) : t('failed_hint')}</span>
        </p>
      )}
      <button type="submit" class="primary" disabled={busy}>
        {button}
      </button>
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
