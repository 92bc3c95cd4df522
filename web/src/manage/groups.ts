/** What can be asked of a group, and how that fares. Pure. */
import { findKind, functionName, mainField, type Field } from '../kinds';
import type { Language } from '../i18n';
import type { Device, FunctionState } from '../state/types';
import type { Group, GroupCommand, Member, MemberFate } from './api';

export type Devices = ReadonlyMap<string, Device>;

export const groupMembersMax = 64;

export const keyOf = ({ mac, slot }: Member): string => `${mac}/${slot}`;

export function functionOf(devices: Devices, { mac, slot }: Member): FunctionState | undefined {
  return devices.get(mac)?.functions.find((fn) => fn.slot === slot);
}

/** The field by which a member shows how it took a command: a thermostat by its set point. */
export function settingOf(fn: FunctionState): string {
  return findKind(fn.kind)?.commandField ?? mainField(fn.kind, fn.values, fn.fields);
}

/** A value that commands to a group can set: of all its members whose kind has it, or of some. */
export interface Setting {
  readonly field: Field;
  /** How many members have it. */
  readonly members: number;
  /** The mean of what they say now; null where none says anything. */
  readonly present: number | null;
}

/** The settings that a group's members have, the most common first. */
export function settingsOf(group: Group, devices: Devices): Setting[] {
  const found = new Map<string, { field: Field; members: number; values: number[] }>();
  for (const member of group.members) {
    const fn = functionOf(devices, member);
    const kind = fn?.commands ? findKind(fn.kind) : undefined;
    const field = kind?.fields.find(({ name }) => name === kind.commandField);
    if (!fn || !field) continue;
    const setting = found.get(field.name) ?? { field, members: 0, values: [] };
    setting.members++;
    const value = fn.values[field.name];
    if (typeof value === 'number') setting.values.push(value);
    found.set(field.name, setting);
  }
  return [...found.values()]
    .sort((a, b) => b.members - a.members)
    .map(({ field, members, values }) => ({ field, members, present: mean(values) }));
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** How many members came to each end. */
export function countFates(command: GroupCommand): { done: number; pending: number; failed: number } {
  const count = (test: (fate: MemberFate) => boolean): number => command.members.filter(test).length;
  const done = count(({ state }) => state === 'executed');
  const pending = count(({ state }) => state === 'pending');
  return { done, pending, failed: command.members.length - done - pending };
}

export interface Choice extends Member {
  readonly module: string;
  readonly name: string;
}

/**
 * What may be a member: every function that takes commands, by module; and those that are members
 * already, whatever they are, so that they can be taken out.
 */
export function choicesOf(devices: Devices, members: readonly Member[], language: Language): Choice[] {
  const chosen = new Set(members.map(keyOf));
  const choices: Choice[] = [];
  for (const device of devices.values()) {
    for (const fn of device.functions) {
      const member = { mac: device.mac, slot: fn.slot };
      const settable = fn.commands && findKind(fn.kind)?.commandField;
      if (!settable && !chosen.has(keyOf(member))) continue;
      choices.push({ ...member, module: device.name, name: functionName(fn, language) });
      chosen.delete(keyOf(member));
    }
  }
  for (const member of members) {
    if (chosen.has(keyOf(member))) choices.push({ ...member, module: member.mac, name: String(member.slot) });
  }
  const byName = new Intl.Collator(language, { numeric: true, sensitivity: 'base' });
  return choices.sort((a, b) => byName.compare(a.module, b.module) || a.slot - b.slot);
}
