import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ageText, numberText, printNumber, shortMac, signalBars, timeText } from './format';
import { fieldName, fieldsOf, findField, furtherText, isStale, mainField, settableField, staleAfterMs, standing } from './kinds';

const temperature = findField('temperature', 'temperature');
const plain = (text: string | null): string | undefined => text?.replace(/[\u00a0\u202f]/g, ' ');

test('a number keeps the digits that its scale has, in the language of the reader', () => {
  assert.equal(plain(numberText(21.63, temperature, 'en')), '21.63 °C');
  assert.equal(plain(numberText(21.6, temperature, 'fr')), '21,60 °C');
  assert.equal(plain(numberText(-4.5, temperature, 'ru')), '−4,50 °C');
});

test('large numbers drop digits that nobody reads', () => {
  assert.equal(plain(numberText(312.47, findField('illuminance', 'illuminance'), 'en')), '312.5 lx');
  assert.equal(plain(numberText(12345.67, findField('illuminance', 'illuminance'), 'en')), '12,346 lx');
});

test('a field that is not known gets two digits and no unit', () => {
  assert.equal(numberText(1.5, undefined, 'en'), '1.50');
});

test('whole, fraction and unit come apart', () => {
  assert.deepEqual(printNumber(21.63, temperature, 'en'), { whole: '21', fraction: '.63', unit: '°C' });
  assert.deepEqual(printNumber(81, findField('battery', 'level'), 'en'), { whole: '81', fraction: '', unit: '%' });
});

test('a date of another year has its year', () => {
  const now = new Date();
  const year = String(now.getFullYear() - 2);
  const then = new Date(now.getFullYear() - 2, 3, 23, 12);
  assert.match(timeText(then.getTime(), 'en', true), new RegExp(year));
  assert.doesNotMatch(timeText(then.getTime(), 'en', false), new RegExp(year));
  assert.doesNotMatch(timeText(now.getTime(), 'fr', true), /\d{4}/);
});

test('ages grow coarser', () => {
  assert.equal(ageText(1999, 'en'), null);
  assert.equal(ageText(-5000, 'en'), null);
  assert.equal(plain(ageText(12_000, 'en')), '12s ago');
  assert.equal(plain(ageText(59_999, 'fr')), 'il y a 59 s');
  assert.match(ageText(120_000, 'ru') ?? '', /^2 мин/);
  assert.equal(plain(ageText(3 * 3_600_000, 'en')), '3h ago');
  assert.match(ageText(50 * 3_600_000, 'en') ?? '', /^2/);
});

test('signal bars and gateway names', () => {
  assert.deepEqual([-50, -65, -75, -85, -95].map(signalBars), [4, 3, 2, 1, 0]);
  assert.equal(shortMac('24:6f:28:aa:01:5d'), '01:5D');
});

test('measures grow stale with age, events and what is switched only with their module', () => {
  const fn = { slot: 0, kind: 'temperature', title: '', commands: false, taken_at: 1000, values: {} };
  const [online, offline] = [{ online: true }, { online: false }];
  assert.equal(isStale(fn, online, 1000 + staleAfterMs), false);
  assert.equal(isStale(fn, online, 1001 + staleAfterMs), true);
  assert.equal(isStale(fn, offline, 1000), true);
  for (const kind of ['contact', 'relay', 'led']) {
    assert.equal(isStale({ ...fn, kind }, online, 1001 + staleAfterMs), false, kind);
    assert.equal(isStale({ ...fn, kind }, offline, 1001), true, kind);
  }
  for (const kind of ['thermostat', 'of_a_later_hub']) assert.equal(isStale({ ...fn, kind }, online, 1001 + staleAfterMs), true, kind);
});

test('measures of a module that reports each hour may be three hours old', () => {
  const fn = { slot: 0, kind: 'temperature', title: '', commands: false, taken_at: 1000, values: {} };
  const hourly = { online: true, interval_s: 3600 };
  assert.equal(isStale(fn, hourly, 1000 + 3 * 3_600_000), false);
  assert.equal(isStale(fn, hourly, 1001 + 3 * 3_600_000), true);
  assert.equal(isStale(fn, { ...hourly, online: false }, 1000), true);
  assert.equal(isStale(fn, { online: true, interval_s: 10 }, 1000 + staleAfterMs), false);
});

test('the main field of kinds that nobody knows is their first', () => {
  assert.equal(mainField('thermostat', {}), 'temperature');
  assert.equal(mainField('kind_200', { field_3: 1 }), 'field_3');
  assert.equal(mainField('kind_200', { field_0: 0, field_5: 7 }, { field_5: { title: 'pH', unit: '' } }), 'field_5');
});

test('each value of a kind of the configuration can be seen, by the name that S0 has for it, if by no other', () => {
  const fields = { field_5: { title: 'pH', unit: 'pH' }, field_6: { title: 'Redox', unit: 'mV' }, field_1: { title: '', unit: '' } };
  const values = { field_0: 0, field_1: 3, field_5: 7.25, field_6: 650 };
  const fn = { slot: 0, kind: 'kind_193', title: 'Pool', commands: false, taken_at: 1, values, fields };
  const further = (one: typeof fn): string => furtherText(one, mainField(one.kind, one.values, one.fields), 'en', String);
  assert.deepEqual(fieldsOf(fn), ['field_5', 'field_6', 'field_1']);
  assert.equal(further(fn), 'Redox 650 mV · U2 3');
  assert.equal(fieldName(fn, 'field_9', 'fr'), 'F5');
  const air = { ...fn, kind: 'thermostat', fields: { temperature: { title: 'Air', unit: '' } } as never };
  assert.deepEqual(['temperature', 'set_point'].map((field) => fieldName(air, field, 'fr')), ['Air', 'Consigne']);
  assert.equal(further(air), '');
});

test('what people may set of a kind of the configuration is a field with limits, and not what the row is about', () => {
  const pump = { title: '', unit: '%', set: { minimum: 0, maximum: 100 } };
  const fields = { field_0: pump, field_5: { title: 'pH', unit: '' } };
  const fn = { slot: 0, kind: 'kind_7', title: 'Pool', commands: true, taken_at: 1, values: { field_0: 5 }, fields };
  assert.equal(mainField('kind_7', fn.values, fields), 'field_5');
  assert.equal(mainField('kind_7', fn.values, { field_0: pump }), 'field_0');
  const field = settableField(fn);
  assert.equal(field?.name, 'field_0');
  assert.equal(field?.title.fr, 'Pool');
  assert.deepEqual([field?.minimum, field?.maximum], [0, 100]);
  assert.equal(plain(numberText(5, field, 'en')), '5 %');
  assert.equal(settableField({ ...fn, fields: { field_5: fields.field_5 } }), undefined);
});

test('a value stands within limits or beyond them, where there are both', () => {
  const pool = { slot: 0, kind: 'kind_7', title: '', commands: false, taken_at: 1 };
  const at = (value: number | null, minimum: number | null, maximum: number | null) =>
    standing({ ...pool, values: { ph: value }, limits: { minimum, maximum } }, 'ph');
  assert.equal(at(7, 6, 8), 'within');
  assert.equal(at(8, 6, 8), 'within');
  assert.equal(at(8.1, 6, 8), 'beyond');
  assert.equal(at(5.9, 6, null), 'beyond');
  assert.equal(at(99, 6, null), 'within');
  assert.equal(at(null, 6, 8), undefined);
  assert.equal(standing({ ...pool, values: { ph: 7 } }, 'ph'), undefined);
});
