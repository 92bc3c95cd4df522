import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { manageTables, manageText } from '../manage/words';
import { chooseLanguage, explain, languages, tables, translate, type Key } from './index';

const keys = Object.keys(tables.en) as Key[];
const forms: Record<string, readonly string[]> = { en: ['one', 'other'], fr: ['one', 'other'], ru: ['one', 'few', 'many', 'other'] };

const blanks = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort();
const texts = (entry: string | object): string[] => (typeof entry === 'string' ? [entry] : (Object.values(entry) as string[]));

type Entries = Readonly<Record<string, string | object>>;
const allTables: Readonly<Record<string, Readonly<Record<string, Entries>>>> = { 'the page': tables, 'manage': manageTables };

for (const [place, table] of Object.entries(allTables)) {
  const english = table['en'] as Entries;
  for (const language of languages) {
    const words = table[language] as Entries;
    test(`${language} has every sentence of ${place} and no other`, () => {
      assert.deepEqual(Object.keys(words).sort(), Object.keys(english).sort());
    });

    test(`${language} fills the same blanks as English in ${place}`, () => {
      for (const key of Object.keys(english)) {
        const wanted = blanks(texts(english[key] ?? '').join(''));
        const given = blanks(texts(words[key] ?? '').join(''));
        assert.deepEqual(given, wanted, key);
        for (const text of texts(words[key] ?? '')) assert.notEqual(text.trim(), '', key);
      }
    });

    test(`${language} has every plural form that it needs in ${place}`, () => {
      for (const [key, entry] of Object.entries(words)) {
        if (typeof entry !== 'string') assert.deepEqual(Object.keys(entry), forms[language], key);
      }
    });
  }
}

test('no sentence stands in both tables, and those of the page can be said from both', () => {
  const both = Object.keys(manageTables.en).filter((key) => key in tables.en);
  assert.deepEqual(both, []);
  assert.equal(manageText('fr', 'page_alarms'), 'Alarmes');
  assert.equal(manageText('ru', 'group_members', { count: 5 }), '5 участников');
});

/** What only a program can ask for wrongly. It gets the hub's English. */
const forPrograms = [
  'bad_request', 'bad_address', 'not_found', 'wrong_method', 'bad_query', 'bad_body', 'body_too_large',
  'header_too_large', 'not_json', 'wrong_host', 'foreign_page', 'too_many_pages', 'name_not_utf8', 'other_protocol',
];

test('every code of the API that a person can meet has a sentence', () => {
  const api = readFileSync('../hub/http/openapi.yaml', 'utf8');
  const list = /^    Problem:\n(?:      .*\n)*/m.exec(api)?.[0] ?? '';
  const codes = [...list.matchAll(/^ +- (\w+)/gm)].map(([, code]) => code as string);
  assert.ok(codes.length > forPrograms.length);
  const said = keys.filter((key) => key.startsWith('reason_')).map((key) => key.slice('reason_'.length));
  assert.deepEqual([...said, ...forPrograms].sort(), codes.sort());
});

test('a reason is said in the language of the page, or as the hub put it', () => {
  const taken = { code: 'name_taken', text: 'another device has this name' };
  assert.equal(explain('fr', taken), 'Un autre module porte déjà ce nom.');
  assert.notEqual(explain('ru', taken), explain('en', taken));
  assert.equal(explain('ru', { code: 'of_a_later_hub', text: 'No.' }), 'No.');
  assert.equal(explain('ru', { code: '', text: 'No.' }), 'No.');
});

test('the plural form follows the count', () => {
  assert.match(translate('ru', 'gateway_away', { count: 3, names: 'A' }), /^3 шлюза /);
  assert.match(translate('ru', 'gateway_away', { count: 5, names: 'A' }), /^5 шлюзов /);
  assert.match(translate('en', 'gateway_away', { count: 1, names: 'A' }), /^A gateway /);
});

test('the language is the one wanted, else the first of the browser that there is', () => {
  assert.equal(chooseLanguage('ru', ['fr']), 'ru');
  assert.equal(chooseLanguage(null, ['de-DE', 'fr-CH', 'en']), 'fr');
  assert.equal(chooseLanguage('xx', []), 'en');
});
