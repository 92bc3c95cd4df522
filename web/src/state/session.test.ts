import assert from 'node:assert/strict';
import { test } from 'node:test';
import { may, setupSecret, type Session } from './session';

const session = (role: Session['role']): Session => ({ login_required: true, setup_needed: false, account: 'ann', role, secure: true });

test('each role may what the ones before it may', () => {
  assert.ok(may(session('viewer'), 'viewer'));
  assert.ok(!may(session('viewer'), 'operator'));
  assert.ok(may(session('admin'), 'operator'));
  assert.ok(!may(session(null), 'viewer'));
  assert.ok(!may(null, 'viewer'));
});

test('a setup link is told from any other address', () => {
  assert.equal(setupSecret('#setup=ab-_9'), 'ab-_9');
  for (const hash of ['', '#', '#setup=', '#setup=a b', '#other=abc', '#setup=<script>']) assert.equal(setupSecret(hash), '', hash);
});
