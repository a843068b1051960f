import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GatewayConfig } from '@turnpike/config';
import type { Caller } from './domain/callers.ts';
import type { NodeLoad } from './domain/fleet.ts';

// Where the control plane and the data plane meet. Neither imports the other: the command line hands each its half, and the
// compiler compares them there.

/** What the control plane uses of the gateway that it steers. */
export interface GatewayPort {
  /** Has the configuration loaded again, files and database, and applied. Resolves with what became of it. */
  reload(
    reason: string,
  ): Promise<{ readonly kind: 'applied' | 'unchanged' | 'rejected' | 'failed' | 'stopping' }>;
  /** The configuration in use. */
  config(): GatewayConfig;
  /** Over the last ten seconds. */
  load(): NodeLoad;
  /** Every ten seconds of the last hour, oldest first. */
  history(): readonly LoadSample[];
  /** From now on these are the keys beside those of the configuration. */
  useKeys(keys: readonly IssuedKey[]): void;
  /** Some of them came or are others, and some are gone. */
  changeKeys(changes: { readonly put: readonly IssuedKey[]; readonly gone: readonly IssuedKey[] }): void;
  /** Ids of keys that were used since the last call, with milliseconds since 1970. */
  takeKeyUses(): ReadonlyMap<string, number>;
  /** Whose token of the configuration that is. */
  callerOf(token: string): Caller | null;
  /** Seconds for which nobody listens to credentials from an address; 0: somebody does. */
  lockedSeconds(address: string): number;
  /** Wrong credentials came from an address. */
  credentialsFailed(address: string): void;
  /** Where browsers log in at a provider; null: nobody knows. Rejects if the provider cannot be asked. */
  authorizationEndpoint(provider: string): Promise<string | null>;
  /** What a provider says of who came back from it, verified. Rejects when it says nothing. */
  redeem(code: LoginCode): Promise<Claims | null>;
  /** The operations of the gateway's own admin API, for the OpenAPI document. */
  readonly operations: readonly OperationDoc[];
}

/** What somebody says of themselves. */
export type Claims = Readonly<Record<string, unknown>>;

/** The way back of a browser from its provider. */
export interface LoginCode {
  readonly provider: string;
  /** The whole URL with which it came. */
  readonly callback: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** A key of a consumer that was issued over the admin API. */
export interface IssuedKey {
  readonly id: string;
  readonly consumer: string;
  /** SHA-256 in hex. */
  readonly digest: string;
  readonly expiresAt: number | null;
}

/** What went through in ten seconds. */
export interface LoadSample extends NodeLoad {
  /** When it ended, in milliseconds since 1970. */
  readonly at: number;
  /** The busiest, at most 50 each. */
  readonly routes: readonly NamedLoad[];
  readonly services: readonly NamedLoad[];
}

export interface NamedLoad {
  readonly name: string;
  readonly requests: number;
  readonly errors: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One operation as the OpenAPI document tells it. */
export interface OperationDoc {
  readonly method: string;
  /** With parameters in braces. */
  readonly path: string;
  readonly role: 'anyone' | 'viewer' | 'editor' | 'admin';
  readonly summary: string;
  readonly tag: string;
  /** Name and meaning. */
  readonly query: Readonly<Record<string, string>>;
  /** JSON. */
  readonly takesBody: boolean;
}

/** What the gateway uses of the control plane. */
export interface SteeringPort {
  /** Finds out who calls, where the tokens of the configuration do not say it. */
  identify(request: IncomingMessage): Promise<Caller | null>;
  /** Answers what no operation of the gateway takes; the response is its own from then on. */
  handle(request: IncomingMessage, response: ServerResponse, caller: Caller | null): void;
  /** Whether a request that is part of a session comes from a page of that session. */
  isOurPage(request: IncomingMessage): boolean;
  /** Somebody has used an operation of the gateway that changes something, such as a purge. */
  changed(use: {
    readonly caller: Caller;
    readonly address: string;
    readonly action: string;
    readonly target: string;
    readonly status: number;
  }): void;
  /** Wrong credentials came, and maybe their address is not listened to for a while from now on. */
  turnedAway(failure: { readonly address: string; readonly isLockedNow: boolean }): void;
  /** What `/readyz?verbose` says of it. */
  status(): object;
}

/** Texts that gateways share: what the gateway keeps certificates by ACME in. Rejects when the database cannot be reached. */
export interface SharedStorage {
  readonly isShared: boolean;
  read(name: string): Promise<string | null>;
  write(name: string, text: string): Promise<void>;
  /** Unless there is something; of several at once one wins. */
  create(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Gets something for oneself for so long; null: somebody else has it. */
  lock(name: string, leaseMs: number): Promise<SharedLease | null>;
}

/** What one has for oneself. */
export interface SharedLease {
  /** Keeps it for as long again; false: it is lost. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
}

/** Objects of a kind, by what became of them. */
export interface ObjectFigures {
  readonly kind: string;
  readonly active: number;
  readonly quarantined: number;
  readonly shadowed: number;
}

/** Gateways of the fleet: they have the newest revision, another one, trouble, or nothing to say any more. */
export type MemberFigures = Readonly<Record<'current' | 'behind' | 'troubled' | 'silent', number>>;

/** How the control plane does, for the metrics. Times are milliseconds since 1970; null: nobody knows. */
export interface SteeringFigures {
  readonly revision: number;
  readonly newest: number;
  readonly takenAtMs: number | null;
  readonly publishDelayMs: number | null;
  readonly isDatabaseUp: boolean;
  readonly databaseAgeSeconds: number | null;
  readonly objects: readonly ObjectFigures[];
  readonly members: MemberFigures | null;
  readonly rollout: 'none' | 'running' | 'paused' | null;
}
