import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followEvents } from './events';
import type { Action } from './reducer';

/** A stream of events that says what a test has it say. */
class FakeStream {
  static opened: FakeStream[] = [];
  onopen?: () => void;
  onerror?: () => void;
  isClosed = false;
  private readonly listeners = new Map<string, (event: { data: string }) => void>();

  constructor() {
    FakeStream.opened.push(this);
  }

  addEventListener(name: string, listener: (event: { data: string }) => void): void {
    this.listeners.set(name, listener);
  }

  close(): void {
    this.isClosed = true;
  }

  say(name: string, data: unknown): void {
    if (!this.isClosed) this.listeners.get(name)?.({ data: JSON.stringify(data) });
  }
}

/** Time that passes when a test says so. */
class FakeTime {
  private now = 0;
  private readonly due = new Map<number, { at: number; work: () => void }>();
  private last = 0;

  readonly set = (work: () => void, ms: number): number => {
    this.due.set(++this.last, { at: this.now + ms, work });
    return this.last;
  };

  readonly clear = (id: number): void => void this.due.delete(id);

  pass(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const [next] = [...this.due].filter(([, { at }]) => at <= until).sort(([, a], [, b]) => a.at - b.at);
      if (!next) break;
      this.due.delete(next[0]);
      this.now = next[1].at;
      next[1].work();
    }
    this.now = until;
  }
}

test('a hub that falls silent without a word is away, and one that has nothing to say is not', () => {
  const time = new FakeTime();
  const real = { EventSource: globalThis.EventSource, setTimeout, clearTimeout, fetch };
  Object.assign(globalThis, {
    EventSource: FakeStream,
    setTimeout: time.set,
    clearTimeout: time.clear,
    fetch: async () => Promise.reject(new Error('no hub')),
  });
  const links: string[] = [];
  const follower = followEvents((action: Action) => {
    if (action.type === 'link') links.push(action.link);
  });
  try {
    const [stream] = FakeStream.opened;
    assert.ok(stream);
    stream.onopen?.();
    time.pass(600_000);
    assert.deepEqual(links, [], 'a first picture may take its time');
    stream.say('snapshot', {});
    for (let beats = 0; beats < 10; beats++) {
      time.pass(15_000);
      stream.say('here', {});
    }
    assert.deepEqual(links, ['live']);
    time.pass(39_000);
    stream.say('reading', {});
    time.pass(39_000);
    assert.deepEqual(links, ['live']);
    time.pass(2_000);
    assert.deepEqual(links, ['live', 'away']);
    assert.ok(stream.isClosed);
    time.pass(60_000);
    assert.ok(FakeStream.opened.length > 1, 'it comes back by itself');
  } finally {
    follower.stop();
    Object.assign(globalThis, real);
  }
});
