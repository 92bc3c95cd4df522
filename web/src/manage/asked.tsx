/** Something that the hub was asked for: on its way, here, or why it is not. */
import type { ComponentChildren, JSX } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { HubError } from '../state/api';
import { useManageWords } from './words';

export interface Asked<T> {
  /** Null until the first answer. */
  readonly value: T | null;
  readonly error: unknown;
  /** Asks again; what was there stays until the answer. */
  readonly reload: () => Promise<void>;
}

/** Asks at once, and again whenever one of `causes` changes. */
export function useAsked<T>(ask: () => Promise<T>, causes: readonly unknown[] = []): Asked<T> {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<unknown>(null);
  const newest = useRef(ask);
  newest.current = ask;
  const asked = useRef(0);
  const reload = useCallback(async () => {
    const number = ++asked.current;
    // Answers may overtake each other: the last question's counts.
    const isLast = (): boolean => number === asked.current;
    try {
      const answer = await newest.current();
      if (isLast()) setValue(answer);
      if (isLast()) setError(null);
    } catch (problem) {
      if (isLast()) setError(problem);
    }
  }, []);
  useEffect(() => void reload(), causes);
  return { value, error, reload };
}

export interface AnswerProps<T> {
  readonly asked: Asked<T>;
  readonly children: (value: T) => ComponentChildren;
}

export function Answer<T>({ asked, children }: AnswerProps<T>): JSX.Element {
  const { t, why } = useManageWords();
  if (asked.value !== null) return <>{children(asked.value)}</>;
  if (asked.error === null) return <p class="loading">{t('loading')}</p>;
  return (
    <div class="nothing" role="alert">
      <p>{asked.error instanceof HubError ? why(asked.error.reason) : t('failed_hint')}</p>
      <button type="button" onClick={() => void asked.reload()}>
        {t('retry')}
      </button>
    </div>
  );
}
