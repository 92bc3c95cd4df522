/** Who the person at this page is, to the hub. */
import { useEffect, useState } from 'preact/hooks';
import type { Reason } from './types';

export type Role = 'viewer' | 'operator' | 'admin';
export const roles: readonly Role[] = ['viewer', 'operator', 'admin'];

export interface Session {
  readonly login_required: boolean;
  readonly setup_needed: boolean;
  readonly account: string | null;
  /** Null for somebody who has to log in first. */
  readonly role: Role | null;
  readonly secure: boolean;
}

let session: Session | null = null;
/** Why the hub, which waits for its database, takes nobody in now. */
let closed: Reason | null = null;
const listeners = new Set<() => void>();

/** Asks the hub anew. A hub that is away changes nothing: who was in stays in. */
export async function refreshSession(): Promise<void> {
  try {
    const response = await fetch('/api/session');
    const body = (await response.json()) as Session & { code?: string; error?: string };
    closed = body.code?.startsWith('store_') ? { code: body.code, text: body.error ?? '' } : null;
    if (response.ok) session = body;
  } catch {
    return;
  }
  for (const listener of listeners) listener();
}

/** Null until the hub has said. */
export function useSession(): Session | null {
  return useLatest(() => session);
}

/** Why the hub takes nobody in, when it was last asked; null when it does, or said nothing. */
export function useClosed(): Reason | null {
  return useLatest(() => closed);
}

function useLatest<T>(look: () => T): T {
  const [seen, setSeen] = useState(look);
  useEffect(() => {
    const listener = (): void => setSeen(look);
    listeners.add(listener);
    listener();
    return () => void listeners.delete(listener);
  }, []);
  return seen;
}

/** Whether the person may do what that role may. */
export function may(seen: Session | null, needed: Role): boolean {
  return seen?.role != null && roles.indexOf(seen.role) >= roles.indexOf(needed);
}

/**
 * Whether the person decides who joins the network, and what an alarm calls: an admin, or whoever is
 * at the machine where nobody needs an account.
 */
export function mayDecide(seen: Session | null): boolean {
  return may(seen, 'admin') || seen?.login_required === false;
}

/** The secret of a setup link: http://hub/#setup=SECRET. Empty for any other address. */
export function setupSecret(hash: string): string {
  return /^#setup=([\w-]{1,128})$/.exec(hash)?.[1] ?? '';
}
