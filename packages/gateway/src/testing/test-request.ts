import type { Field } from '../offline/fields.ts';
import type { OfflineRequest } from '../offline/offline-types.ts';

/** Header fields: several values make several fields. */
export type TestFields = Readonly<Record<string, string | readonly string[]>>;

/** Who sends a request: somebody with a token that has these claims, or a consumer. */
export type TestCaller =
  | { readonly claims: Readonly<Record<string, unknown>>; readonly provider?: string }
  | { readonly consumer: string };

/** A request of a test. */
export interface TestRequest {
  readonly method?: string;
  readonly headers?: TestFields;
  readonly body?: string | Uint8Array;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly as?: TestCaller;
  /** Else `api.example.com`. */
  readonly host?: string;
  /** Name of the listener; else the first. */
  readonly listener?: string;
  /** Address of the client; else 203.0.113.9. */
  readonly address?: string;
}

/** The request as it comes to the gateway; `proof` are the fields in which the caller says who it is. */
export function offlineRequest(
  target: string,
  { method, headers = {}, body, json, host, address }: TestRequest,
  { proof, listener }: { readonly proof: readonly Field[]; readonly listener: string },
): OfflineRequest {
  const asJson: Field[] = json === undefined ? [] : [['Content-Type', 'application/json']];
  const bytes = json === undefined ? Buffer.from(body ?? '') : Buffer.from(JSON.stringify(json));
  return {
    method: method ?? (bytes.length === 0 ? 'GET' : 'POST'),
    target,
    authority: host ?? 'api.example.com',
    headers: [...fieldsOf(headers), ...asJson, ...proof],
    body: bytes,
    version: '1.1',
    listener,
    peer: address ?? '203.0.113.9',
    clientCertificate: null,
  };
}

/** One field for each value. */
export function fieldsOf(headers: TestFields): Field[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one): Field => [name, one]),
  );
}
