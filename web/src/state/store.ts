/** Holds the state and tells the page of changes, at most once a frame. */
import { useEffect, useState } from 'preact/hooks';
import { HubError, sendCommand } from './api';
import { initialState, reduce, type Action, type State } from './reducer';
import type { Values } from './types';

let state = initialState;
let scheduled = false;
const listeners = new Set<() => void>();

function notify(): void {
  scheduled = false;
  for (const listener of listeners) listener();
}

export function dispatch(action: Action): void {
  const next = reduce(state, action);
  if (next === state) return;
  state = next;
  if (scheduled) return;
  scheduled = true;
  // A hidden page gets no frames; nothing is lost, it paints when it is looked at again.
  requestAnimationFrame(notify);
}

export function useStore(): State {
  const [seen, setSeen] = useState(state);
  useEffect(() => {
    const listener = (): void => setSeen(state);
    listeners.add(listener);
    listener();
    return () => void listeners.delete(listener);
  }, []);
  return seen;
}

/** Sends a command and lets its card show how it fares. */
export async function command(mac: string, slot: number, wanted: Values): Promise<void> {
  dispatch({ type: 'send', mac, slot, wanted, now: Date.now() });
  try {
    const taken = await sendCommand(mac, slot, wanted);
    dispatch({ type: 'accepted', mac, slot, taken, now: Date.now() });
  } catch (error) {
    const reason = error instanceof HubError ? error.reason : null;
    dispatch({
      type: 'failed',
      mac,
      slot,
      state: reason ? 'refused' : 'failed',
      reason,
      now: Date.now(),
    });
  }
}
