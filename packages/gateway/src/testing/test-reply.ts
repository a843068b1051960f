import type { TracedStep } from '../core/decision-trace.ts';
import type { OfflineExchange } from '../offline/offline-types.ts';
import { pairs, shownRequest, type TestUpstreamRequest } from './test-services.ts';

/** What came of a request. */
export interface TestReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON. Throws if it is none. */
  json(): unknown;
  /** Code of the error that the gateway answered with, or `''`. */
  readonly code: string;
  /** Why the body broke off, or `''`. */
  readonly brokenBy: string;
  /** What services got, in the order in which it came. */
  readonly upstream: readonly TestUpstreamRequest[];
  /** What each stage did, outermost first; plugins are `plugins/NAME`. */
  readonly steps: readonly TracedStep[];
}

/** What came of a request, as a test sees it. */
export function testReply({ response, upstream, trace }: OfflineExchange): TestReply {
  const text = response.body.toString();
  return {
    status: response.status,
    headers: new Headers(pairs(response.headers)),
    text,
    json: () => JSON.parse(text) as unknown,
    code: trace.record.code,
    brokenBy: response.brokenBy,
    upstream: upstream.map(shownRequest),
    steps: trace.steps,
  };
}
