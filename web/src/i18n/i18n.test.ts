import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseLanguage, languages, tables, translate, type Key } from './index';

const keys = Object.keys(tables.en) as Key[];
const forms: Record<string, readonly string[]> = { en: ['one', 'other'], fr: ['one', 'other'], ru: ['one', 'few', 'many', 'other'] };

const blanks = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort();
const texts = (entry: string | object): string[] => (typeof entry === 'string' ? [entry] : (Object.values(entry) as string[]));

for (const language of languages.filter((one) => one !== 'en')) {
  test(`${language} has every sentence and no other`, () => {
    assert.deepEqual(Object.keys(tables[language]).sort(), [...keys].sort());
  });

  test(`${language} fills the same blanks as English`, () => {
    for (const key of keys) {
      const wanted = blanks(texts(tables.en[key]).join(''));
      const given = blanks(texts(tables[language][key]).join(''));
      assert.deepEqual(given, wanted, key);
      for (const text of texts(tables[language][key])) assert.notEqual(text.trim(), '', key);
    }
  });
}

for (const language of languages) {
  test(`${language} has every plural form that it needs`, () => {
    for (const key of keys) {
      const entry = tables[language][key];
      if (typeof entry !== 'string') assert.deepEqual(Object.keys(entry), forms[language], key);
    }
  });
}

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
