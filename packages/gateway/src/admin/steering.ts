import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AcmeStorage } from '../acme/acme-storage.ts';
import type { AdminCaller } from './callers.ts';

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
  changed(use: AdminUse): void;
  /** What `/readyz?verbose` says of it. */
  status(): object;
  /** What gateways share in the database: certificates by ACME. */
  readonly storage: AcmeStorage;
}
