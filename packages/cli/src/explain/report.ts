import type { LoginStep, Origin } from '@turnpike/config';
import type { Candidate, ErrorCode } from '../gateway.ts';
import type { ServiceReport } from './service-report.ts';
import type { StageNote } from './stages.ts';

/** What becomes of a request. Plain data: `--json` prints it as it is. */
export interface Report {
  readonly request: {
    readonly method: string;
    readonly host: string;
    /** Normalised: what matching, policies and forwarding see. */
    readonly path: string;
    readonly query: string;
    readonly listener: string;
  } | null;
  readonly outcome: Outcome;
  /** Most specific first. */
  readonly candidates: readonly Candidate[];
}

/** How it ends. */
export type Outcome =
  | { readonly kind: 'routed'; readonly route: RouteReport }
  /** Turnpike answers by itself, with an error or with the methods that there are. */
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly code: ErrorCode | '';
      readonly reason: string;
      readonly allow: string;
    };

/** The route that takes it. */
export interface RouteReport {
  readonly id: string;
  readonly path: string;
  /** As they stand in the path. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly origin: Origin;
  /** Outermost first. */
  readonly stages: readonly StageNote[];
  readonly target: TargetReport;
}

/** Something that is true of a route or a service, under a name. */
export interface Fact {
  readonly name: string;
  readonly about: string;
}

/** What a service is sent, and how often. */
export interface UpstreamReport {
  readonly requestLine: string;
  readonly host: string;
  /** Retries, hedging and deadlines of the route. */
  readonly attempts: readonly Fact[];
}

/** Where it ends. */
export type TargetReport =
  | (UpstreamReport & { readonly kind: 'service'; readonly service: ServiceReport })
  | (UpstreamReport & {
      readonly kind: 'split';
      readonly sides: readonly { readonly weight: number; readonly service: ServiceReport }[];
    })
  | { readonly kind: 'redirect'; readonly status: number; readonly location: string }
  | { readonly kind: 'login'; readonly provider: string; readonly step: LoginStep }
  | { readonly kind: 'published-keys' }
  | { readonly kind: 'protected-resource'; readonly authorizationServers: readonly string[] }
  | McpReport
  | { readonly kind: 'respond'; readonly status: number; readonly bytes: number };

/** An MCP endpoint, and the services that its tools lead to. */
export interface McpReport {
  readonly kind: 'mcp';
  /** Where tools come from: a service behind it, or operations of one. */
  readonly facts: readonly Fact[];
  readonly services: readonly ServiceReport[];
}
