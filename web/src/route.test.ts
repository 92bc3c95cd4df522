import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hrefOf, pages, routeOf } from './route';

test('an address leads to its page and back', () => {
  for (const page of pages) assert.deepEqual(routeOf(hrefOf({ page })), { page });
  const module = { page: 'module', mac: '24:6f:28:3a:10:0e' } as const;
  assert.deepEqual(routeOf(hrefOf(module)), module);
});

test('an address that names nothing shows the modules', () => {
  for (const hash of ['', '#', '#setup=abc', '#module/', '#module/24:6f:28:3a:10', '#groups/7', '#Groups']) {
    assert.deepEqual(routeOf(hash), { page: 'modules' }, hash);
  }
});
