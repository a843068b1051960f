import type { GatewayConfig } from '@turnpike/config';
import type { AdminPorts } from '../admin/admin-ports.ts';
import type { AdminCaller } from '../admin/callers.ts';
import type { OperationDoc } from '../admin/operations.ts';
import type { Errands } from '../core/desk.ts';
import type { Claims } from '../core/identity.ts';
import type { IssuedKey } from '../identity/consumers/issued-keys.ts';
import type { LoadSample, ProcessLoad } from '../observe/load-history.ts';
import type { KeyChanges } from './issued-key-desk.ts';
import type { ReloadResult } from './reload-result.ts';

/** A running gateway. */
export interface Supervisor {
  /** The real port of each listener, by its id. */
  readonly ports: ReadonlyMap<string, number>;
  /** `null`: no admin API. */
  readonly adminPort: number | null;
  /** The configuration in use. It holds secrets. */
  readonly config: GatewayConfig;
  readonly revision: number;
  /** Whether there is a data thread that serves, be it on its way out. */
  readonly isServing: boolean;
  /** Loads the configuration again; resolves when all threads use it, or none. `reason` is for the log. */
  reload(reason: string): Promise<ReloadResult>;
  /** Opens log files anew, after they were rotated. */
  reopenLogs(): void;
  /** What who steers it from beyond this process may ask of it. */
  readonly wheel: SteeringWheel;
  /** Stops without cutting anything, if time allows; gives the exit code: 0, or 3 when something was cut. */
  stop(signal: StopSignal): Promise<number>;
}

/** What the control plane uses of a gateway. */
export interface SteeringWheel {
  /** Over the last ten seconds. */
  load(): ProcessLoad;
  /** The last hour in ten-second steps, oldest first. */
  history(): readonly LoadSample[];
  /** From now on these are the keys beside those of the configuration. */
  useKeys(keys: readonly IssuedKey[]): void;
  /** Some of them came or are others, and some are gone. */
  changeKeys(changes: KeyChanges): void;
  /** By id: when keys were used last that were used since this was asked before, in milliseconds since 1970. */
  takeKeyUses(): ReadonlyMap<string, number>;
  /** Whose token that is, of those in the configuration. */
  callerOf(token: string): AdminCaller | null;
  /** Seconds for which nobody listens to credentials from an address; 0: somebody does. */
  lockedSeconds(address: string): number;
  /** Wrong credentials came from an address. */
  credentialsFailed(address: string): void;
  /** Where browsers log in at a provider; null: nobody knows. Rejects if the provider cannot be asked. */
  authorizationEndpoint(provider: string): Promise<string | null>;
  /** What a provider says of who came back from it, verified. Rejects with a `GatewayError` when it says nothing. */
  redeem(code: Errands['redeem-code']['asks']): Promise<Claims | null>;
  /** What the admin API of the gateway itself does. */
  readonly operations: readonly OperationDoc[];
  /** What its questions are answered with. */
  readonly ports: AdminPorts;
}

/** Why a gateway stops. */
export type StopSignal = 'SIGTERM' | 'SIGINT';

/** Exit code of a gateway that had to cut requests when it stopped. */
export const EXIT_CUT = 3;
