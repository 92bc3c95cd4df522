import assert from 'node:assert/strict';
import { test } from 'node:test';
import { macsIn, moduleIdsIn } from './typed';

test('addresses are read with anything between them, each once', () => {
  assert.deepEqual(macsIn(' 24:6F:28:00:00:07,24-6f-28-00-00-08\n24:6f:28:00:00:07 '), ['24:6f:28:00:00:07', '24:6f:28:00:00:08']);
  for (const bad of ['', ' ', '24:6f:28:00:00', '24:6f:28:00:00:0g', '24:6f:28:00:00:07:08', '24:6f:28:00:00:07 x']) {
    assert.equal(macsIn(bad), null, bad);
  }
});

test('module IDs are from 1 to 255, and none at all is a list too', () => {
  assert.deepEqual(moduleIdsIn('3, 4 255;3'), [3, 4, 255]);
  assert.deepEqual(moduleIdsIn(' '), []);
  for (const bad of ['0', '256', '-1', '1.5', 'a', '1, x']) assert.equal(moduleIdsIn(bad), null, bad);
});
