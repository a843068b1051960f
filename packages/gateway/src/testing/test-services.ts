import type { Field } from '../offline/fields.ts';
import type { ServiceAnswer, UpstreamRequest } from '../offline/offline-types.ts';
import { fieldsOf, type TestFields } from './test-request.ts';

/** What a service got. */
export interface TestUpstreamRequest {
  readonly service: string;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Headers;
  readonly body: string;
}

/** What a service says. */
export type TestServiceReply =
  | {
      readonly status?: number;
      readonly headers?: TestFields;
      /** Text, or what is sent as JSON. */
      readonly body?: string | Uint8Array;
      readonly json?: unknown;
      /** On the driven clock. */
      readonly delayMs?: number;
    }
  /** It takes no connection, never answers, or breaks off. */
  | 'connect'
  | 'timeout'
  | 'reset';

/** A service of a test: a reply, or a function that makes one. */
export type TestService = TestServiceReply | ((request: TestUpstreamRequest) => TestServiceReply);

/** A request as a test sees it. */
export function shownRequest({
  service,
  method,
  target,
  headers,
  body,
}: UpstreamRequest): TestUpstreamRequest {
  return { service, method, target, headers: new Headers(pairs(headers)), body: body.toString() };
}

/** What such a service answers. */
export function answerOf(service: TestService | undefined, request: UpstreamRequest): ServiceAnswer {
  const given = typeof service === 'function' ? service(shownRequest(request)) : (service ?? {});
  if (typeof given === 'string') return { kind: 'fails', how: given };
  const { status = 200, headers = {}, body, json, delayMs = 0 } = given;
  const asJson: Field[] = json === undefined ? [] : [['Content-Type', 'application/json']];
  const bytes = json === undefined ? Buffer.from(body ?? '') : Buffer.from(JSON.stringify(json));
  const fields = [...fieldsOf(headers), ...asJson];
  return { kind: 'replies', status, headers: fields, body: bytes, trailers: null, delayMs };
}

/** Pairs that `Headers` takes. */
export function pairs(fields: readonly Field[]): [string, string][] {
  return fields.map(([name, value]) => [name, value]);
}
