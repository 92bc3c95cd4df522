import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dateName, dayName, isZone, openingsIn, openingsText } from './hours';

test('hours are read as people write them, and nothing at all is closed', () => {
  assert.deepEqual(openingsIn('9:00 - 12:00,13:30–18:00'), ['09:00-12:00', '13:30-18:00']);
  assert.deepEqual(openingsIn('00:00-24:00'), ['00:00-24:00']);
  assert.deepEqual(openingsIn('08:00-12:00 12:00-16:00'), ['08:00-12:00', '12:00-16:00']);
  assert.deepEqual(openingsIn(' '), []);
  assert.deepEqual(openingsIn(openingsText(['09:00-12:00', '13:30-18:00'])), ['09:00-12:00', '13:30-18:00']);
});

test('hours that the hub would refuse are none', () => {
  const five = '1:00-2:00 3:00-4:00 5:00-6:00 7:00-8:00 9:00-10:00';
  for (const bad of ['9-21', '09:00', 'closed', '12:00-09:00', '09:00-09:00', '09:00-24:01', '09:60-10:00', '13:00-14:00, 09:00-12:00', '09:00-12:00, 11:00-13:00', five]) {
    assert.equal(openingsIn(bad), null, bad);
  }
});

test('days have names in every language, and zones are those that there are', () => {
  assert.deepEqual(['mon', 'sun'].map((day) => dayName(day as 'mon', 'en')), ['Monday', 'Sunday']);
  assert.equal(dayName('tue', 'fr'), 'Mardi');
  assert.equal(dayName('wed', 'ru'), 'Среда');
  assert.match(dateName('2026-12-25', 'en'), /Friday.*December.*2026/);
  for (const good of ['', 'Europe/Paris', 'UTC']) assert.ok(isZone(good), good);
  for (const bad of ['Mars/Olympus', 'x']) assert.ok(!isZone(bad), bad);
});
