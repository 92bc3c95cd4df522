/** Something that is asked of the hub: whether it is under way, and why it was not done. */
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { useWords } from '../i18n/context';
import { HubError } from '../state/api';
import { Icon } from './icons';

export interface Deed {
  readonly busy: boolean;
  /** What stands for a person to read; empty while all is well. */
  readonly problem: string;
  /** True when it was done. While something is under way nothing else is begun. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>;
}

export function useDeed(): Deed {
  const { t, why } = useWords();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const running = useRef(false);
  const run = async (work: () => Promise<unknown>): Promise<boolean> => {
    if (running.current) return false;
    running.current = true;
    setBusy(true);
    setError(null);
    try {
      await work();
      return true;
    } catch (problem) {
      setError(problem);
      return false;
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  const problem = error === null ? '' : error instanceof HubError ? why(error.reason) : t('failed_hint');
  return { busy, problem, run };
}

export function Problem({ text }: { text: string }): JSX.Element | null {
  if (text === '') return null;
  return (
    <p class="trouble" role="alert">
      <Icon name="alert" size={16} />
      <span>{text}</span>
    </p>
  );
}
