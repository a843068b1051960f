import { parseDuration } from '@turnpike/config';
import type { Log } from '../core/ports.ts';
import type { Field } from '../offline/fields.ts';
import { openOffline, type OfflineGateway } from '../offline/offline.ts';
import { offlineKey } from '../offline/without-network.ts';
import { testConfig } from './test-config.ts';
import { documentFor, PROVIDER, type ConfigPlan, type PolicyPlan, type TestPlan } from './test-plan.ts';
import { testReply, type TestReply } from './test-reply.ts';
import { offlineRequest, type TestCaller, type TestRequest } from './test-request.ts';
import { answerOf } from './test-services.ts';

/** A line of the program log. */
export interface TestLogLine {
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A gateway that lives in the process of a test. */
export interface TestGateway extends AsyncDisposable {
  /** Sends a request; with a body it is a POST, unless it says otherwise. */
  send(target: string, request?: TestRequest): Promise<TestReply>;
  /** Lets time pass: milliseconds, or a text such as `5m`. */
  advance(time: number | string): Promise<void>;
  /** Milliseconds since 1970, on the clock that is driven. */
  readonly nowMs: number;
  /** What was logged so far. */
  readonly log: readonly TestLogLine[];
  /** Forgets limits, caches, the time that has passed, and what plugins remember. */
  restart(): void;
  close(): void;
}

const START = '2026-01-01T00:00:00Z';

/**
 * Opens a gateway around a plugin, or around a whole configuration: the parser, the pipeline and the pools are those that serve;
 * services are functions, callers prove who they are with tokens and keys that are made for the test, and time is driven.
 * Throws with all that is wrong with the configuration.
 */
export async function testGateway<W = unknown>(plan: TestPlan<W>): Promise<TestGateway> {
  const { services = {}, now = START, seed = 1 } = plan;
  const { config, plugins } = await testConfig(isForPolicy(plan) ? documentFor(plan) : plan.config);
  const lines: TestLogLine[] = [];
  const offline = await openOffline(config, {
    world: { service: (request) => answerOf(services[request.service], request), authorizer: () => UNHEARD },
    startMs: Date.parse(now),
    seed,
    log: logInto(lines),
    plugins,
  });
  const first = config.listeners[0]?.id ?? '';

  return {
    async send(target, request = {}) {
      const proof = request.as === undefined ? [] : proofOf(request.as, offline);
      const listener = request.listener ?? first;
      return testReply(await offline.handle(offlineRequest(target, request, { proof, listener })));
    },
    advance: (time) => offline.advance(typeof time === 'number' ? time : millisecondsOf(time)),
    get nowMs() {
      return offline.nowMs;
    },
    log: lines,
    restart: () => offline.restart(),
    close: () => offline.close(),
    [Symbol.asyncDispose]: () => Promise.resolve(offline.close()),
  };
}

/** Nobody stands for services that authorize. */
const UNHEARD = { kind: 'fails', how: 'connect' } as const;

function isForPolicy<W>(plan: PolicyPlan<W> | ConfigPlan): plan is PolicyPlan<W> {
  return 'policy' in plan;
}

/** The fields in which a caller says who it is. */
function proofOf(caller: TestCaller, { providers }: OfflineGateway): readonly Field[] {
  if ('consumer' in caller) return [['X-Api-Key', offlineKey(caller.consumer)]];
  return [['Authorization', `Bearer ${providers.token(caller.provider ?? PROVIDER, caller.claims)}`]];
}

function millisecondsOf(text: string): number {
  const parsed = parseDuration(text);
  if (parsed.ok) return parsed.value;
  throw new TypeError(`${text} is no length of time: ${parsed.problem}`);
}

function logInto(lines: TestLogLine[]): Log {
  const at =
    (level: keyof Log) =>
    (message: string, fields: object = {}): void =>
      void lines.push({ level, message, fields: { ...fields } });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
