/** The shape of a scenario. */
import type { Guard, Peer, Running, Tells } from './peers/peer.ts';
import type { Placement } from './processes.ts';

/** The numbers of one gateway in one round, and what went wrong. */
export interface Sample {
  readonly values: Record<string, number>;
  readonly errors: readonly string[];
}

/** How hard and how long to measure. */
export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
  /** Before the first round, where code has to be compiled. */
  readonly warmUpMs: number;
  readonly idleConnections: number;
}

/** Where the load runs, and how much of it there is. */
export interface Bench {
  readonly effort: Effort;
  readonly load: Placement;
}

/** A gateway in the way in which a scenario starts it; a line of the report. */
export interface Entrant {
  readonly name: string;
  readonly peer: Peer;
  readonly threads: number;
  readonly routes: number;
  readonly guard: Guard;
  readonly transport: 'plain' | 'tls';
  /** Whether clients send JSON to a gRPC origin. */
  readonly transcodes: boolean;
  /** Whether it answers from memory what it can. */
  readonly keeps: 'nothing' | 'responses';
  /** What it tells of requests, if it is Turnpike; the others always have their access log. */
  readonly tells: Tells;
}

/** A number that the report shows. */
export interface Column {
  readonly key: string;
  readonly title: string;
  readonly digits: number;
}

/** One kind of measurement. */
export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly columns: readonly Column[];
  /** The key of the column whose ratios are shown; less is better. */
  readonly judgedBy: string;
  /** What the ratios are to: nginx and the best Node proxy, or lines by their names. */
  readonly ratiosTo: 'peers' | readonly string[];
  /** How long a gateway lives: through all rounds, or only one, because only a fresh one shows what is asked for. */
  readonly lifetime: 'scenario' | 'round';
  readonly origin: 'web' | 'upload' | 'grpc';
  entrants(peers: readonly Peer[]): Entrant[];
  /** Off the record. */
  warmUp(running: Running, bench: Bench, entrant: Entrant): Promise<void>;
  measure(running: Running, bench: Bench, entrant: Entrant): Promise<Sample>;
}
