/** Logging in and out, and what admins do: one function for each request. */
import { ask, withJson } from './api';
import type { Role } from './session';

export interface Account {
  readonly name: string;
  readonly role: Role;
  readonly created_at: number;
}

export interface AuditRecord {
  readonly at: number;
  readonly account: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string;
}

export const logIn = (name: string, password: string): Promise<unknown> => ask('/api/session', withJson('POST', { name, password }));

export const setUp = (secret: string, name: string, password: string): Promise<unknown> =>
  ask('/api/setup', withJson('POST', { secret, name, password }));

export const logOut = (everywhere: boolean): Promise<unknown> =>
  ask(`/api/session${everywhere ? '?everywhere=1' : ''}`, withJson('DELETE', {}));

export const changePassword = (present: string, password: string): Promise<unknown> =>
  ask('/api/password', withJson('PUT', { present, password }));

export const fetchAccounts = (): Promise<readonly Account[]> => ask('/api/accounts');

export const addAccount = (name: string, role: Role, password: string): Promise<unknown> =>
  ask('/api/accounts', withJson('POST', { name, role, password }));

export const setRole = (name: string, role: Role): Promise<unknown> => ask(`/api/accounts/${name}`, withJson('PATCH', { role }));

export const setPassword = (name: string, password: string): Promise<unknown> =>
  ask(`/api/accounts/${name}`, withJson('PATCH', { password }));

export const removeAccount = (name: string): Promise<unknown> => ask(`/api/accounts/${name}`, withJson('DELETE', {}));

/** The secret of a link that makes one admin account. */
export const openSetup = async (): Promise<string> =>
  (await ask<{ secret: string }>('/api/setup-links', withJson('POST', {}))).secret;

export const fetchAudit = (limit: number): Promise<readonly AuditRecord[]> => ask(`/api/audit?limit=${limit}`);
