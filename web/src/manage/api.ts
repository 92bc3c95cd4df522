/** What the pages of this folder ask of the hub, one function for each request. */
import { ask, withJson } from '../state/api';
import type { Role } from '../state/session';
import type { Values } from '../state/types';
import type { Hours } from './hours';

/** One function of one module. */
export interface Member {
  readonly mac: string;
  readonly slot: number;
}

export interface Group {
  readonly name: string;
  readonly members: readonly Member[];
}

export type MemberState = 'pending' | 'executed' | 'refused' | 'expired' | 'not_sent';

/** How a command to a group stands with one member. */
export interface MemberFate extends Member {
  readonly state: MemberState;
  /** Of a pending one: the member sleeps. */
  readonly waits_for_wake?: boolean;
  /** Why it was not sent. */
  readonly code?: string;
  readonly error?: string;
}

export interface GroupCommand {
  readonly group_command_id: number;
  readonly members: readonly MemberFate[];
}

const at = (collection: string, name: string): string => `/api/${collection}/${encodeURIComponent(name)}`;

export const fetchGroups = async (): Promise<readonly Group[]> =>
  (await ask<{ groups: readonly Group[] }>('/api/groups')).groups;

export const saveGroup = ({ name, members }: Group): Promise<unknown> => ask(at('groups', name), withJson('PUT', { members }));

export const removeGroup = (name: string): Promise<unknown> => ask(at('groups', name), withJson('DELETE', {}));

export const commandGroup = (name: string, values: Values): Promise<GroupCommand> =>
  ask(`${at('groups', name)}/commands`, withJson('POST', { values }));

export const fetchGroupCommand = (name: string, id: number): Promise<GroupCommand> => ask(`${at('groups', name)}/commands/${id}`);

/** When an alarm is raised, and whom it tells. */
export interface Rule {
  readonly device: string;
  readonly slot: number;
  readonly field: string;
  readonly above?: number;
  readonly below?: number;
  readonly hysteresis: number;
  readonly hold_s: number;
  /** Told to admins only. */
  readonly webhook?: string;
}

export interface Alarm extends Rule {
  readonly name: string;
  readonly state: 'raised' | 'over';
  /** When it came into this state; 0 when not since the hub's start. */
  readonly since: number;
  readonly value: number | null;
  /** Who takes care of it. */
  readonly acknowledged: { readonly by: string; readonly at: number } | null;
  /** Who wants it to be silent; null: until it is switched on again. */
  readonly silenced: { readonly by: string; readonly until: number | null } | null;
}

export const fetchAlarms = async (): Promise<readonly Alarm[]> =>
  (await ask<{ alarms: readonly Alarm[] }>('/api/alarms')).alarms;

export const saveAlarm = (name: string, rule: Rule): Promise<unknown> => ask(at('alarms', name), withJson('PUT', rule));

export const removeAlarm = (name: string): Promise<unknown> => ask(at('alarms', name), withJson('DELETE', {}));

/** Only the alarm raised at `since`, not one that came after it. */
export const acknowledgeAlarm = (name: string, since: number): Promise<unknown> =>
  ask(`${at('alarms', name)}/acknowledgement`, withJson('PUT', { since }));

/** For so long; null: until it is switched on again. */
export const silenceAlarm = (name: string, seconds: number | null): Promise<unknown> =>
  ask(`${at('alarms', name)}/silence`, withJson('PUT', seconds === null ? {} : { seconds }));

export const unsilenceAlarm = (name: string): Promise<unknown> => ask(`${at('alarms', name)}/silence`, withJson('DELETE', {}));

/** Resolves to the address that the device has now. */
export const replaceModule = async (broken: string, fresh: string): Promise<string> =>
  (await ask<{ mac: string }>('/api/replace', withJson('POST', { broken, with: fresh }))).mac;

/** A board of S0's that is no device, and asks in vain for the number of one. */
export interface AskingBoard {
  readonly mac: string;
  readonly heard_at: number;
}

export const fetchAsking = async (broken: string): Promise<readonly AskingBoard[]> =>
  (await ask<{ asking: readonly AskingBoard[] }>(`/api/replace?broken=${encodeURIComponent(broken)}`)).asking;

export const restartModule = (mac: string): Promise<unknown> => ask(`/api/devices/${mac}/restart`, withJson('POST', {}));

export const forgetModule = (mac: string, erase: boolean): Promise<unknown> =>
  ask(`/api/devices/${mac}?history=${erase ? 'erase' : 'keep'}`, withJson('DELETE', {}));

export const fetchHours = (): Promise<Hours> => ask('/api/dispobox/hours');

export const saveHours = (hours: Hours): Promise<unknown> => ask('/api/dispobox/hours', withJson('PUT', hours));

export interface Token {
  readonly name: string;
  readonly role: Role;
  readonly created_at: number;
}

export const fetchTokens = (): Promise<readonly Token[]> => ask('/api/tokens');

/** Answers the secret, which nobody can ask for again. */
export const addToken = async (name: string, role: Role): Promise<string> =>
  (await ask<{ secret: string }>('/api/tokens', withJson('POST', { name, role }))).secret;

export const removeToken = (name: string): Promise<unknown> => ask(at('tokens', name), withJson('DELETE', {}));

/** Who may log in to the broker. */
export interface BrokerUser {
  readonly name: string;
  readonly gateway: boolean;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

export interface Credential {
  readonly name: string;
  readonly password: string;
  /** Of a program: by what it should connect to the broker. */
  readonly client_id?: string;
}

/** Either the address of a gateway, or a program's name and its filters with blanks between them. */
export type BrokerWish = { readonly gateway: string } | { readonly name: string; readonly reads: string; readonly writes: string };

export const fetchBrokerUsers = (): Promise<readonly BrokerUser[]> => ask('/api/broker-users');

/** Again for the same one: another password. Nobody can ask for it again. */
export const addBrokerUser = (wish: BrokerWish): Promise<Credential> => ask('/api/broker-users', withJson('POST', wish));

export const removeBrokerUser = (name: string): Promise<unknown> => ask(at('broker-users', name), withJson('DELETE', {}));
