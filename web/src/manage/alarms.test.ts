import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findField } from '../kinds';
import type { Device } from '../state/types';
import { draftOf, emptyDraft, isEither, ruleOf, stateOf, subjectsOf, topicOf, withState, wrongWith } from './alarms';
import type { Alarm } from './api';

const mac = '24:6f:28:00:00:07';
const freezer: Alarm = {
  name: 'Freezer', device: mac, slot: 2, field: 'temperature', above: -12, hysteresis: 1.5, hold_s: 60, webhook: 'http://host:9000/x',
  state: 'over', since: 0, value: -18, acknowledged: null, silenced: null,
};

test('a rule comes out of the form as it went in', () => {
  const { name, state, since, value, acknowledged, silenced, ...rule } = freezer;
  assert.deepEqual(ruleOf(draftOf(freezer)), rule);
  const below = { ...rule, above: undefined, below: -0.5 };
  const back = ruleOf(draftOf({ ...freezer, ...below }));
  assert.equal(back.below, -0.5);
  assert.ok(!('above' in back), 'an empty field is no limit of 0');
});

test('what the hub would refuse is said before', () => {
  const good = { ...draftOf(freezer), below: '-40' };
  assert.equal(wrongWith(good), null);
  for (const name of ['A/B', 'A+B', '#1']) assert.equal(wrongWith({ ...good, name }), 'alarm_wrong_name');
  assert.equal(wrongWith(emptyDraft), 'alarm_wrong_subject');
  assert.equal(wrongWith({ ...good, above: '', below: '' }), 'alarm_wrong_none');
  // -12 - 1.5 = -13.5 has to lie above -15 + 1.5.
  assert.equal(wrongWith({ ...good, below: '-15' }), 'alarm_wrong_order');
  assert.equal(wrongWith({ ...good, below: '-15.1' }), null);
  assert.equal(wrongWith({ ...good, webhook: 'ftp://host/x' }), 'alarm_wrong_webhook');
  assert.equal(wrongWith({ ...good, webhook: 'http://' }), 'alarm_wrong_webhook');
  assert.equal(wrongWith({ ...good, webhook: '' }), null);
});

test('a rule about two states lies half way between them', () => {
  const open = withState({ ...emptyDraft, hysteresis: '3' }, 1);
  assert.deepEqual([open.above, open.below, open.hysteresis, stateOf(open)], ['0.5', '', '0', 1]);
  const closed = withState(open, 0);
  assert.deepEqual([closed.above, closed.below, stateOf(closed)], ['', '0.5', 0]);
  assert.equal(stateOf(emptyDraft), null);
  assert.ok(isEither(findField('contact', 'open')));
  assert.ok(!isEither(findField('button', 'action')));
  assert.ok(!isEither(undefined));
});

test('every value that has a past can be watched, texts can not', () => {
  const device = {
    mac, name: 'Bath',
    functions: [
      { slot: 0, kind: 'thermostat', title: '', commands: true, taken_at: 0, values: {} },
      { slot: 1, kind: 'text', title: '', commands: true, taken_at: 0, values: {} },
      { slot: 2, kind: 'contact', title: 'Lid', commands: false, taken_at: 0, values: {} },
      {
        slot: 3, kind: 'kind_192', title: 'Pool', commands: false, taken_at: 1, values: { field_0: 0, field_5: 7, field_6: 650 },
        fields: { field_6: { title: 'Redox', unit: 'mV' }, field_5: { title: '', unit: '' } },
      },
    ],
  } as unknown as Device;
  assert.deepEqual(subjectsOf([device], 'en'), [
    {
      module: 'Bath',
      subjects: [
        { value: `${mac}/0/temperature`, name: 'Thermostat: Temperature' },
        { value: `${mac}/0/set_point`, name: 'Thermostat: Set point' },
        { value: `${mac}/0/heating`, name: 'Thermostat: Heating' },
        { value: `${mac}/2/open`, name: 'Lid' },
        { value: `${mac}/3/field_6`, name: 'Pool: Redox' },
        { value: `${mac}/3/field_5`, name: 'Pool: F1' },
        { value: `${mac}/3/field_0`, name: 'Pool: U1' },
      ],
    },
  ]);
});

test('a name is put into a topic as the hub does', () => {
  assert.equal(topicOf('a/b+c#d é'), 'espial/+/alarm/a_b_c_d é');
});
