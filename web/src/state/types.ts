/** What the hub's API says. Times are milliseconds UTC; 0 means "not known". */

export type FieldValue = number | string | null;
export type Values = Readonly<Record<string, FieldValue>>;

export interface Limits {
  readonly minimum: number | null;
  readonly maximum: number | null;
}

/** What a configuration file says of a field; `set`: people may set it, to whole numbers within these. */
export interface FieldNote {
  readonly title: string;
  readonly unit: string;
  readonly set?: { readonly minimum: number; readonly maximum: number };
}

export interface FunctionState {
  readonly slot: number;
  readonly kind: string;
  readonly title: string;
  readonly commands: boolean;
  readonly taken_at: number;
  readonly values: Values;
  /** What a configuration file says beside: where the main value is as it should be, ... */
  readonly limits?: Limits;
  /** ... and what a kind of its own is called, and its fields. */
  readonly kind_title?: string;
  readonly fields?: Readonly<Record<string, FieldNote>>;
}

export interface Device {
  readonly id: number;
  readonly mac: string;
  readonly name: string;
  readonly protocol: string;
  readonly server: number;
  readonly module: number;
  readonly online: boolean;
  readonly last_seen: number;
  readonly joined_at: number;
  readonly gateway: string | null;
  readonly rssi: number | null;
  /** So many seconds may pass between two of its reports, where that is known. */
  readonly interval_s?: number;
  readonly firmware: string;
  readonly chip: string;
  readonly functions: readonly FunctionState[];
}

export interface Gateway {
  readonly mac: string;
  readonly online: boolean;
  readonly channel: number;
  readonly devices: number;
}

/** One that is raised. */
export interface Alarm {
  readonly name: string;
  readonly mac: string;
  readonly slot: number;
  readonly field: string;
  readonly since: number;
  /** Somebody takes care of it. */
  readonly acknowledged: boolean;
  /** Nobody is told of it but who looks here. */
  readonly silenced: boolean;
}

/** A list that the hub keeps, and which pages ask for when they show it. */
export type List = 'alarms' | 'groups';

/** Why the hub says no: a stable code of hub/http/openapi.yaml (or ''), and an English sentence. */
export interface Reason {
  readonly code: string;
  readonly text: string;
}

export interface System {
  readonly broker: { readonly connected: boolean; readonly address: string; readonly since: number };
  readonly store: { readonly ok: boolean; readonly engine: string; readonly reason: string; readonly code: string };
  readonly gateways: readonly Gateway[];
  readonly alarms: readonly Alarm[];
  readonly version: string;
  readonly s2_open: boolean;
  /** Until the hub's certificate ends; null while that is far away. */
  readonly certificate_days: number | null;
  readonly counters: Readonly<Record<string, number>>;
}

export interface Waiting {
  readonly mac: string;
  /** The module ID that it asks for, 0 = any. */
  readonly module: number;
}

/** Who may join, and whose keys are good. */
export interface Keys {
  readonly policy: 'closed' | 'window' | 'approval' | 'open';
  /** Module IDs that may always join. */
  readonly modules: readonly number[];
  readonly pairing_until: number;
  readonly waiting: readonly Waiting[];
  readonly approved: readonly string[];
  readonly refused: readonly string[];
  readonly labels: readonly string[];
  readonly revoked: readonly string[];
  readonly key: {
    readonly generation: number;
    readonly changing: boolean;
    readonly renewed: number;
    readonly modules: number;
    readonly left: readonly string[];
  };
}

export interface Snapshot {
  readonly revision: number;
  readonly now: number;
  readonly devices: readonly Device[];
  readonly system: System;
  /** Absent where nobody joins with keys. */
  readonly keys?: Partial<Keys>;
}

export interface Reading extends FunctionState {
  readonly id: number;
  readonly mac: string;
  readonly last_seen: number;
  readonly gateway: string | null;
  readonly rssi: number | null;
  readonly interval_s?: number;
}

export interface Removed {
  readonly id: number;
  readonly removed: true;
}

export interface CommandFate {
  readonly command_id: number;
  readonly mac: string;
  readonly slot: number;
  readonly state: 'pending' | 'executed' | 'refused' | 'expired';
  readonly reason: string;
}

/** A command that the hub has taken up, and tries until it ends. */
export interface TakenCommand {
  readonly command_id: number;
  readonly expires_at: number;
  /** Its module sleeps, as far as the hub knows. */
  readonly waits_for_wake: boolean;
}

/** [time, mean, least, greatest] */
export type HistoryPoint = readonly [number, number | null, number | null, number | null];

export interface History {
  readonly slot: number;
  readonly field: string;
  readonly from: number;
  readonly to: number;
  readonly points: readonly HistoryPoint[];
}
