import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AcmeStorage } from '../acme/acme-storage.ts';
import type { AdminCaller } from './callers.ts';
import type { CredentialFailure } from './failure-gate.ts';

/** An operation of ours that changed something, or was to. */
export interface AdminUse {
  readonly caller: AdminCaller;
  readonly address: string;
  /** `POST /reload`. */
  readonly action: string;
  /** The path with what stood in it. */
  readonly target: string;
  readonly status: number;
}

/**
 * What is steered from beyond this process: the control plane. It knows more callers than the configuration has, answers what
 * no operation of ours takes, and keeps the audit log. Without it, the admin API does what it does by itself.
 */
export interface Steering {
  /** Finds out who calls, where the tokens of the configuration do not say it; null: nobody that it knows. */
  identify(request: IncomingMessage): Promise<AdminCaller | null>;
  /** Answers; the response is its own from then on. */
  handle(request: IncomingMessage, response: ServerResponse, caller: AdminCaller | null): void;
  /** Whether a request that is part of a session comes from a page of that session. */
  isOurPage(request: IncomingMessage): boolean;
  changed(use: AdminUse): void;
  /** Wrong credentials came, here or at a login. */
  turnedAway(failure: CredentialFailure): void;
  /** What `/readyz?verbose` says of it. */
  status(): object;
  /** How it does, for the metrics; null: there is no database. Never asks it. */
  figures(): SteeringFigures | null;
  /** What gateways share in the database: certificates by ACME. */
  readonly storage: AcmeStorage;
}

/** How the control plane does. Times are milliseconds since 1970; null: nobody knows. */
export interface SteeringFigures {
  /** Of the database: what this gateway serves, and the newest that it has heard of. */
  readonly revision: number;
  readonly newest: number;
  /** When it took that over. */
  readonly takenAtMs: number | null;
  /** From the commit of that until all threads here served it. */
  readonly publishDelayMs: number | null;
  readonly isDatabaseUp: boolean;
  /** Since it was heard. */
  readonly databaseAgeSeconds: number | null;
  readonly objects: readonly {
    readonly kind: string;
    readonly active: number;
    readonly quarantined: number;
    readonly shadowed: number;
  }[];
  /** Gateways of the fleet: they have the newest, another one, trouble, or nothing to say any more. */
  readonly members: Readonly<Record<'current' | 'behind' | 'troubled' | 'silent', number>> | null;
  readonly rollout: 'none' | 'running' | 'paused' | null;
}
