#!/usr/bin/env node
// Makes the tables of kinds that C++ and the page compile from protocol/kinds.json.
//
//   node tools/generate_kinds.mjs            writes them
//   node tools/generate_kinds.mjs --check    fails, with a sentence, where they are stale

import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const banner = '// Generated from protocol/kinds.json by tools/generate_kinds.mjs. Change those, not this.';

/** The numbers that each integer type can hold beside the one that means none. */
const integerLimits = {
  i8: [-127, 127],
  u8: [0, 254],
  i16: [-32767, 32767],
  u16: [0, 65534],
  i32: [-2147483647, 2147483647],
  u32: [0, 4294967294],
  bool: [0, 1],
};
const languages = ['en', 'fr', 'ru'];
const maxTextBytes = 200;

const upperCamel = (name) => name.replace(/(^|_)([a-z0-9])/g, (_, __, letter) => letter.toUpperCase());
const lowerCamel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
/** How many digits after the point the scale can tell apart. */
const decimals = (scale) => (String(scale).split('.')[1] ?? '').length;

function fail(where, sentence) {
  throw new Error(`protocol/kinds.json: ${where}: ${sentence}`);
}

function checkNames(where, items) {
  const names = new Set();
  for (const {name, title} of items) {
    if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name ?? '')) fail(where, `"${name}" is no snake_case name`);
    if (names.has(name)) fail(where, `there are two of the name ${name}`);
    names.add(name);
    for (const language of languages) {
      if (!title?.[language]) fail(where, `${name} has no title in ${language}`);
    }
  }
}

function checkField(where, field, isLast) {
  if (!(field.minimum <= field.maximum)) fail(where, `${field.name} has its minimum above its maximum`);
  if (field.type === 'text') {
    if (!isLast) fail(where, `${field.name} is a text, which takes the rest of the value, and is not last`);
    if (field.maximum > maxTextBytes) fail(where, `${field.name} is longer than a value may be`);
    return;
  }
  if (field.type === 'f32') return;
  const limits = integerLimits[field.type];
  if (!limits) fail(where, `${field.name} has the unknown type ${field.type}`);
  const scale = field.scale ?? 1;
  const lowest = Math.round(field.minimum / scale);
  const highest = Math.round(field.maximum / scale);
  if (!(scale > 0) || lowest < limits[0] || highest > limits[1]) {
    fail(where, `${field.name} does not fit ${field.type}`);
  }
  if (field.states && field.states.length !== highest + 1) {
    fail(where, `${field.name} names ${field.states.length} states of ${highest + 1}`);
  }
}

function checkKind(kind) {
  const where = kind.name;
  if (!Number.isInteger(kind.number) || kind.number < 1 || kind.number > 191) {
    fail(where, `${kind.number} is not a number of a standard kind (1..191)`);
  }
  if (!kind.fields?.length || kind.fields.length > 10) fail(where, 'a kind has 1 to 10 fields');
  checkNames(where, kind.fields);
  kind.fields.forEach((field, index) => {
    checkField(where, field, index === kind.fields.length - 1);
    if (field.states) checkNames(`${where}.${field.name}`, field.states);
  });
  if (kind.accepts_commands !== (kind.command_field !== undefined)) {
    fail(where, 'command_field belongs to the kinds that accept commands, and only to them');
  }
  if (kind.accepts_commands && !kind.fields.some(({name}) => name === kind.command_field)) {
    fail(where, `there is no field ${kind.command_field} to command`);
  }
}

/** Throws a sentence where `document` is not what the schema and the air allow. */
export function checkKinds(document) {
  checkNames('kinds', document.kinds);
  document.kinds.forEach(checkKind);
  const numbers = document.kinds.map(({number}) => number);
  if (numbers.some((number, index) => index > 0 && number <= numbers[index - 1])) {
    fail('kinds', 'numbers must rise: each belongs to one kind');
  }
}

const cppText = (text) => JSON.stringify(text ?? '');

export function kindsHeader({kinds}) {
  const numbers = kinds.map(({number, name}) => `  k${upperCamel(name)} = ${number},`);
  return `${banner}
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/wire/kind.hpp"

namespace espial::wire {

/// The standard kinds' numbers on the air.
enum class Kind : std::uint8_t {
${numbers.join('\n')}
};

inline constexpr std::size_t kKindCount = ${kinds.length};
/// In the order of their numbers; use find_standard_kind() to look one up.
extern const KindInfo kKinds[kKindCount];

}  // namespace espial::wire
`;
}

function cppField(prefix, field) {
  const states = field.states ? `{${prefix}${upperCamel(field.name)}States, ${field.states.length}}` : '{}';
  const scale = field.scale ?? 1;
  return `    {${cppText(field.name)}, FieldType::k${upperCamel(field.type)}, ${scale}, ${decimals(scale)}, ` +
      `${cppText(field.unit)}, ${field.minimum}, ${field.maximum}, ${states}},`;
}

function cppTables(kind) {
  const prefix = `k${upperCamel(kind.name)}`;
  const states = kind.fields.filter((field) => field.states).map((field) =>
    `constexpr std::string_view ${prefix}${upperCamel(field.name)}States[] = {` +
      `${field.states.map(({name}) => cppText(name)).join(', ')}};\n`);
  const fields = kind.fields.map((field) => cppField(prefix, field));
  return `${states.join('')}constexpr FieldInfo ${prefix}Fields[] = {\n${fields.join('\n')}\n};`;
}

function cppKind(kind) {
  const command = kind.accepts_commands ?
    kind.fields.findIndex(({name}) => name === kind.command_field) : 'kNoField';
  const ha = kind.home_assistant;
  return `    {${kind.number}, ${cppText(kind.name)}, ` +
      `${languages.map((language) => cppText(kind.title[language])).join(', ')},\n` +
      `     {k${upperCamel(kind.name)}Fields, ${kind.fields.length}}, Widget::k${upperCamel(kind.widget)}, ` +
      `${command}, ${kind.is_event},\n` +
      `     ${cppText(ha.component)}, ${cppText(ha.device_class)}, ${cppText(ha.state_class)}},`;
}

export function kindsSource({kinds}) {
  return `${banner}
#include "core/wire/kinds_table.hpp"

// A table reads best one row a line, and so the generator needs no formatter.
// clang-format off
namespace espial::wire {
namespace {

${kinds.map(cppTables).join('\n\n')}

}  // namespace

constexpr KindInfo kKinds[kKindCount] = {
${kinds.map(cppKind).join('\n')}
};

}  // namespace espial::wire
`;
}

const tsList = (items) => items.map((item) => `'${item}'`).join(' | ');

function tsField({name, title, type, scale = 1, unit, minimum, maximum, states = []}) {
  return JSON.stringify({name, title, type, scale, decimals: decimals(scale), unit, minimum, maximum, states});
}

function tsKind(kind) {
  const before = JSON.stringify({number: kind.number, name: kind.name, title: kind.title});
  const behind = JSON.stringify(
    {widget: kind.widget, commandField: kind.command_field ?? null, isEvent: kind.is_event});
  const fields = kind.fields.map((field) => `      ${tsField(field)},\n`);
  return `  {\n    ${before.slice(1, -1)},\n    "fields": [\n${fields.join('')}    ],\n    ${behind.slice(1, -1)},\n  },`;
}

export function kindsTypeScript({kinds}) {
  const widgets = [...new Set(kinds.map(({widget}) => widget))];
  const types = [...Object.keys(integerLimits), 'f32', 'text'];
  const constants = kinds.map(({number, name}) => `  ${lowerCamel(name)}: ${number},`);
  return `${banner}

export interface Title {
  readonly en: string;
  readonly fr: string;
  readonly ru: string;
}

/** The name of one of the numbers 0, 1, 2... that a field can have. */
export interface KindState {
  readonly name: string;
  readonly title: Title;
}

export interface KindField {
  /** As in the API. */
  readonly name: string;
  readonly title: Title;
  readonly type: ${tsList(types)};
  /** The step between two values: 0.01 for a temperature. */
  readonly scale: number;
  /** Digits after the point that the scale can tell apart. */
  readonly decimals: number;
  /** Empty where it has none. */
  readonly unit: string;
  /** In units; a text counts its bytes. */
  readonly minimum: number;
  readonly maximum: number;
  /** Indexed by the value; empty for a measure. */
  readonly states: readonly KindState[];
}

export type KindName = ${tsList(kinds.map(({name}) => name))};
export type Widget = ${tsList(widgets)};

export interface Kind {
  readonly number: number;
  readonly name: KindName;
  readonly title: Title;
  readonly fields: readonly KindField[];
  readonly widget: Widget;
  /** The field that a command sets; null where the kind takes none. */
  readonly commandField: string | null;
  readonly isEvent: boolean;
}

/** The standard kinds' numbers on the air. */
export const kindNumber = {
${constants.join('\n')}
} as const;

export const kinds: readonly Kind[] = [
${kinds.map(tsKind).join('\n')}
];

/** Undefined for a name that no standard kind has. */
export function kindByName(name: string): Kind | undefined {
  return kinds.find((kind) => kind.name === name);
}
`;
}

const outputs = {
  'core/wire/kinds_table.hpp': kindsHeader,
  'core/wire/kinds_table.cpp': kindsSource,
  'web/src/generated/kinds.ts': kindsTypeScript,
};

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

function main(args) {
  const check = args.includes('--check');
  const document = JSON.parse(readFileSync(join(root, 'protocol/kinds.json'), 'utf8'));
  checkKinds(document);
  const stale = [];
  for (const [path, generate] of Object.entries(outputs)) {
    const file = join(root, path);
    const text = generate(document);
    if (readIfThere(file) === text) continue;
    stale.push(path);
    if (check) continue;
    mkdirSync(dirname(file), {recursive: true});
    writeFileSync(file, text);
  }
  if (check && stale.length > 0) {
    throw new Error(`${stale.join(', ')}: not what protocol/kinds.json says; ` +
        'run node tools/generate_kinds.mjs');
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
