import type { Wrapper } from './core/exchange.ts';
import type { WatchStage } from './core/stack.ts';
import { spanned } from './policy-spans.ts';
import { watchStage } from './watched-request.ts';

/** The stages of `pipeline.ts` by their places, for those who read traces; a test holds the two together. */
export const STAGES = [
  'error-bodies',
  'graphql-errors',
  'security-headers',
  'ip-access',
  'cors',
  'rescue',
  'compress',
  'self-protection',
  'timeout',
  'rate-limit',
  'limit-head',
  'resource-metadata',
  'plugins',
  'authenticate',
  'authorize',
  'plugins',
  'websocket',
  'event-stream',
  'limit-body',
  'limit-content',
  'mcp-message',
  'validate',
  'graphql',
  'rate-limit',
  'concurrency',
  'transform',
  'plugins',
  'cache',
  'rewrite',
  'upstream-credentials',
  'fallback',
  'mirror',
  'target',
] as const;

/** Those that there are once for each service. */
export const SERVICE_STAGES = [
  'translate',
  'limit-messages',
  'plugins',
  'circuit-breaker',
  'forward-identity',
  'admission',
  'fault',
  'forward',
] as const;

/** A stage of `pipeline.ts`. */
export type StageName = (typeof STAGES)[number] | (typeof SERVICE_STAGES)[number];

/** Who watches the stages of a route. */
export interface RouteWatch {
  readonly route: WatchStage;
  readonly service: WatchStage;
  readonly plugin: (name: string, stage: Wrapper) => Wrapper;
}

/** Tells of the stages that wait, in the spans of a trace. */
export const SPANNED: RouteWatch = {
  route: (place, stage) => spanned(STAGES[place] ?? '', stage),
  service: (place, stage) => spanned(SERVICE_STAGES[place] ?? '', stage),
  plugin: (name, stage) => spanned(`plugins/${name}`, stage),
};

/** Writes down what each stage does with the requests that are traced. */
export const WATCH: RouteWatch = {
  route: (place, stage) => watchStage(STAGES[place] ?? '', SPANNED.route(place, stage)),
  service: (place, stage) => watchStage(SERVICE_STAGES[place] ?? '', SPANNED.service(place, stage)),
  plugin: (name, stage) => watchStage(`plugins/${name}`, SPANNED.plugin(name, stage)),
};
