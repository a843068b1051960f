/** What a gateway must offer to be measured. */
import type { CertificateFiles } from '../certificate.ts';
import type { Callers } from '../callers.ts';
import type { Placement, Program } from '../processes.ts';

/** Who may pass: everybody, or callers with a token, each of whom has a limit (so high that nobody reaches it). */
export type Guard = 'open' | 'callers';

/** Beside the metrics: nothing, a line for each request, that and traces of a tenth of them, or that and somebody who watches. */
export type Tells = 'nothing' | 'lines' | 'traces' | 'watched';

/** Requests of each caller in a minute that all gateways let through, and so many that they count in earnest. */
export const requestsPerMinute = 1_000_000_000;

/** What a gateway is to be started with. */
export interface Environment extends Placement {
  /** The port of the origin on 127.0.0.1. */
  readonly originPort: number;
  /** What clients and the origin speak. */
  readonly protocol: 'http/1.1' | 'grpc';
  /** Whether clients of a gRPC origin call it with JSON. Turnpike only. */
  readonly transcodes: boolean;
  readonly threads: number;
  /** 1: everything by one route. More: so many routes, as the traffic of mode `routes` asks for them. Turnpike only. */
  readonly routes: number;
  /** Turnpike and HAProxy only. */
  readonly guard: Guard;
  /** Turnpike, nginx and Varnish only. */
  readonly keeps: 'nothing' | 'responses';
  /** Turnpike only. */
  readonly tells: Tells;
  /** The port of a collector on 127.0.0.1 that takes whatever comes. */
  readonly collectorPort: number;
  readonly callers: Callers;
  /** Null: without TLS. Turnpike and nginx only; they then have another port for it. */
  readonly tls: CertificateFiles | null;
  /** The turnpike.js that is measured. */
  readonly turnpike: string;
}

/** A gateway that is ready for requests. */
export interface Running {
  readonly port: number;
  /** With TLS, HTTP/2 and HTTP/1.1; 0 without. */
  readonly tlsPort: number;
  /** The processes whose CPU time and memory count; none when there is no gateway at all. */
  readonly pids: readonly number[];
  readonly stop: () => Promise<void>;
}

/** A gateway that can be measured. `node` are those that Turnpike must beat, `native` those that it is held against. */
export interface Peer {
  readonly name: string;
  readonly kind: 'turnpike' | 'native' | 'node' | 'none';
  /** Whether it can use more than one thread. */
  readonly scales: 'threads' | 'alone';
  /** Why it cannot be measured here, and what to install. */
  readonly missing: () => string | null;
  readonly start: (environment: Environment) => Promise<Running>;
}

/** A gateway that is one process. */
export function running(program: Program, port: number): Running {
  return { port, tlsPort: 0, pids: [program.pid], stop: program.stop };
}
