import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayText, held, spanOfDay } from './history';

process.env['TZ'] = 'Europe/Paris';
const hourMs = 3_600_000;

test('a day is as long as its clocks make it', () => {
  const lengths = ['2023-03-26', '2023-04-23', '2023-10-29'].map((day) => {
    const span = spanOfDay(day);
    return span && (span.to - span.from) / hourMs;
  });
  assert.deepEqual(lengths, [23, 24, 25]);
  assert.equal(spanOfDay('2023-04-23')?.from, Date.UTC(2023, 3, 22, 22));
});

test('a day is written as it is read, by the clocks of this machine', () => {
  assert.equal(dayText(Date.UTC(2023, 3, 22, 22)), '2023-04-23');
  assert.equal(dayText(Date.UTC(2023, 3, 22, 22) - 1), '2023-04-22');
});

test('what is no day has no span', () => {
  for (const none of ['', '2023-13-01', 'x']) assert.equal(spanOfDay(none), null, none);
});

test('a state holds until it is said anew, and nobody makes one up', () => {
  const on = [[1000, 1, 1, 1]] as const;
  assert.deepEqual(held(on, 0, 5000), [...on, [5000, 1, 1, 1]]);
  assert.deepEqual(held(on, 0, 5000, { state: 0, since: 2000 }), [...on, [5000, 0, 0, 0]]);
  assert.equal(held(on, 0, 1000, { state: 1, since: 1000 }), on);
  for (const points of [[], [[1000, null, null, null]], [[1000, 0.5, 0, 1]]] as const) {
    assert.equal(held(points, 0, 5000), points);
    assert.equal(held(points, 0, 5000, { state: null, since: 0 }), points);
  }
});

test('a state from before the time shown holds all of it', () => {
  const all = [[2000, 1, 1, 1], [5000, 1, 1, 1]];
  assert.deepEqual(held([], 2000, 5000, { state: 1, since: 1000 }), all);
  assert.deepEqual(held([], 2000, 5000, { state: 1, since: 3000 }), []);
  assert.deepEqual(held([], 2000, 1500, { state: 1, since: 1000 }), []);
});
