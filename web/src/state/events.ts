/** Follows the hub's events and comes back by itself when they stop. */
import { backoffMs } from './backoff';
import type { Action } from './reducer';
import { refreshSession } from './session';
import type { List } from './types';

/** A hub that accepts but never answers is as good as away. */
const connectTimeoutMs = 8_000;
/** The hub sends something at least every 15 s; after so long a silence the line is dead. */
const silenceMs = 40_000;

export interface Follower {
  stop(): void;
  /** Tries again at once. */
  retry(): void;
}

export function followEvents(dispatch: (action: Action) => void): Follower {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;

  const open = (): void => {
    clearTimeout(timer);
    source?.close();
    const stream = new EventSource('/api/events');
    source = stream;
    // Once it answers, a first picture of megabytes takes its time.
    timer = setTimeout(() => lost(stream), connectTimeoutMs);
    stream.onopen = () => clearTimeout(timer);
    stream.onerror = () => lost(stream);
    const on = (name: string, handle: (data: never) => void): void => {
      stream.addEventListener(name, (event) => {
        // A hub without power closes no connection: its silence is all that tells.
        clearTimeout(timer);
        timer = setTimeout(() => lost(stream), silenceMs);
        try {
          handle(JSON.parse((event as MessageEvent<string>).data) as never);
        } catch {
          // A line this page can't read is a newer hub's; the rest still counts.
        }
      });
    };
    on('snapshot', (snapshot) => {
      attempt = 0;
      dispatch({ type: 'snapshot', snapshot, now: Date.now() });
      dispatch({ type: 'link', link: 'live' });
    });
    on('device', (device) => dispatch({ type: 'device', device }));
    on('reading', (reading) => dispatch({ type: 'reading', reading }));
    on('system', (system) => dispatch({ type: 'system', system }));
    on('keys', (keys) => dispatch({ type: 'keys', keys }));
    on('changed', ({ list }: { list: List }) => dispatch({ type: 'changed', list }));
    on('here', () => undefined);
    on('command', (fate) => dispatch({ type: 'fate', fate, now: Date.now() }));
  };

  // The browser's own retry would wait a fixed time and keep silent about it: the page does both.
  const lost = (stream: EventSource): void => {
    if (stream !== source) return;
    stream.close();
    source = null;
    clearTimeout(timer);
    dispatch({ type: 'link', link: 'away' });
    // A browser does not say why a stream ended; it may be that somebody has to log in again.
    void refreshSession();
    timer = setTimeout(open, backoffMs(attempt++, Math.random()));
  };

  open();
  return {
    stop() {
      clearTimeout(timer);
      source?.close();
      source = null;
    },
    retry() {
      attempt = 0;
      if (!source) open();
    },
  };
}
