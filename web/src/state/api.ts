/** The hub's API, one function for each request. */
import { refreshSession } from './session';
import type { History, Reason, TakenCommand, Values } from './types';

/** The hub said no, and why. */
export class HubError extends Error {
  constructor(
    readonly reason: Reason,
    readonly status: number,
  ) {
    super(reason.text);
  }
}

export async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(path, init);
  const body = (await response.json().catch(() => ({}))) as T & { code?: string; error?: string };
  if (!response.ok) {
    // The session has ended: the page learns whom it has before it.
    if (response.status === 401) void refreshSession();
    throw new HubError({ code: body.code ?? '', text: body.error ?? `HTTP ${response.status}` }, response.status);
  }
  return body;
}

export function withJson(method: string, body: unknown): RequestInit {
  return { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

/** Resolves as soon as the hub has taken the command up. */
export function sendCommand(mac: string, slot: number, values: Values): Promise<TakenCommand> {
  return ask(`/api/devices/${mac}/commands`, withJson('POST', { slot, values }));
}

export async function rename(mac: string, name: string): Promise<void> {
  await ask(`/api/devices/${mac}`, withJson('PATCH', { name }));
}

export type KeysDecision =
  | 'settings' | 'pairing' | 'approve' | 'refuse' | 'unjudge' | 'labels' | 'unlabel'
  | 'revoke' | 'unrevoke' | 'renew' | 'begin_change' | 'end_change';

/** A key to print for one module. */
export interface Label {
  readonly mac: string;
  readonly text: string;
  /** The text as a code: its dark squares as an SVG path, a unit a square. */
  readonly qr?: { readonly width: number; readonly path: string };
}

/** Decides who may join, or whose keys are good; the outcome comes as an event. Answers drawn labels. */
export async function decideKeys(decision: KeysDecision, what: object = {}): Promise<readonly Label[]> {
  const answer = await ask<{ labels?: readonly Label[] }>(`/api/keys/${decision}`, withJson('POST', what));
  return answer.labels ?? [];
}

export interface HistoryQuestion {
  readonly mac: string;
  readonly slot: number;
  readonly field: string;
  readonly from: number;
  readonly to: number;
  readonly points: number;
}

export function fetchHistory(question: HistoryQuestion, signal: AbortSignal): Promise<History> {
  const { mac, slot, field, from, to, points } = question;
  const query = new URLSearchParams({
    slot: String(slot),
    field,
    from: String(Math.round(from)),
    to: String(Math.round(to)),
    points: String(points),
  });
  return ask<History>(`/api/devices/${mac}/history?${query}`, { signal });
}
