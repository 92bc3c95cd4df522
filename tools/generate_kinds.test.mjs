// What the generator refuses: a table that the air could not carry or that a reader could not use.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';

import {checkKinds, kindsHeader, kindsSource, kindsTypeScript} from './generate_kinds.mjs';

const path = new URL('../protocol/kinds.json', import.meta.url);
const kinds = () => JSON.parse(readFileSync(path, 'utf8'));
const kind = (document, name) => document.kinds.find((one) => one.name === name);

/** The real table with one mistake in it. */
function refuses(sentence, spoil) {
  test(`refuses: ${sentence}`, () => {
    const document = kinds();
    checkKinds(document);
    spoil(document);
    assert.throws(() => checkKinds(document), {message: new RegExp(sentence)});
  });
}

refuses('does not fit i16', (d) => { kind(d, 'temperature').fields[0].maximum = 327.68; });
refuses('does not fit u8', (d) => { kind(d, 'led').fields[0].maximum = 255; });
refuses('minimum above its maximum', (d) => { kind(d, 'humidity').fields[0].minimum = 101; });
refuses('unknown type', (d) => { kind(d, 'humidity').fields[0].type = 'u24'; });
refuses('names 2 states of 3', (d) => { kind(d, 'relay').fields[0].type = 'u8'; kind(d, 'relay').fields[0].maximum = 2; });
refuses('there is no field level', (d) => { kind(d, 'led').command_field = 'level'; });
refuses('belongs to the kinds that accept commands', (d) => { kind(d, 'led').accepts_commands = false; });
refuses('has no title in ru', (d) => { delete kind(d, 'button').title.ru; });
refuses('two of the name relay', (d) => { kind(d, 'led').name = 'relay'; });
refuses('numbers must rise', (d) => { kind(d, 'led').number = 4; });
refuses('not a number of a standard kind', (d) => { kind(d, 'text').number = 192; });
refuses('no snake_case name', (d) => { kind(d, 'text').name = 'freeText'; });
refuses('and is not last', (d) => { kind(d, 'text').fields.push(structuredClone(kind(d, 'relay').fields[0])); });
refuses('longer than a value', (d) => { kind(d, 'text').fields[0].maximum = 201; });
refuses('1 to 10 fields', (d) => { kind(d, 'text').fields = []; });

test('every kind reaches every table', () => {
  const document = kinds();
  kind(document, 'counter').name = 'click_counter';
  assert.match(kindsHeader(document), /kClickCounter = 10,/);
  assert.match(kindsSource(document), /\{10, "click_counter",/);
  assert.match(kindsTypeScript(document), /clickCounter: 10,/);
});
