import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useWords } from '../i18n/context';
import { HubError, rename } from '../state/api';
import { may, useSession } from '../state/session';
import type { Device } from '../state/types';
import { Icon } from './icons';

/** A module's name, and its renaming in place. The name changes when the hub says so. */
export function Name({ device }: { device: Device }): JSX.Element {
  const { t } = useWords();
  const [editing, setEditing] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const mayRename = may(useSession(), 'operator');

  if (editing) {
    const finish = (): void => {
      setEditing(false);
      requestAnimationFrame(() => opener.current?.focus());
    };
    return <NameEntry device={device} onDone={finish} />;
  }
  return (
    <h2 class="title">
      <span class="title-text" title={device.name}>
        {device.name}
      </span>
      {mayRename && (
        <button
          type="button"
          class="ghost rename"
          ref={opener}
          aria-label={t('rename', { name: device.name })}
          onClick={() => setEditing(true)}
        >
          <Icon name="pencil" size={16} />
        </button>
      )}
    </h2>
  );
}

function NameEntry({ device, onDone }: { device: Device; onDone: () => void }): JSX.Element {
  const { t, why } = useWords();
  const [draft, setDraft] = useState(device.name);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => input.current?.select(), []);

  const save = async (): Promise<void> => {
    if (busy) return;
    const name = draft.trim();
    if (name === device.name || name === '') return onDone();
    setBusy(true);
    try {
      await rename(device.mac, name);
      onDone();
    } catch (problem) {
      setError(problem as Error);
      setBusy(false);
      input.current?.focus();
    }
  };
  return (
    <form
      class="title renaming"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onDone();
      }}
    >
      <input
        ref={input}
        type="text"
        value={draft}
        maxLength={29}
        aria-label={t('rename_label')}
        aria-invalid={error !== null}
        readOnly={busy}
        onInput={(event) => setDraft(event.currentTarget.value)}
      />
      <button type="submit" class="ghost" aria-label={t('save')} aria-disabled={busy}>
        <Icon name="check" size={18} />
      </button>
      <button type="button" class="ghost" aria-label={t('cancel')} onClick={onDone}>
        <Icon name="close" size={18} />
      </button>
      {error && (
        <p class="problem" role="alert">
          {error instanceof HubError ? why(error.reason) : t('rename_failed')}
        </p>
      )}
    </form>
  );
}
