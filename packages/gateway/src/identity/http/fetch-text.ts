import type { HttpClient } from './http-client.ts';
import { HttpFailure } from './http-failure.ts';

/** A text as it is now, or that it is what it was. */
export type FetchedText =
  | { readonly kind: 'same' }
  | ({ readonly kind: 'text'; readonly text: string } & TextVersion);

/** How a server tells versions of a text apart (RFC 9110 §8.8); null: it did not say. */
export interface TextVersion {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** What is known of the text already, and how much of it is taken. */
export interface FetchTextOptions extends Partial<TextVersion> {
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Gets a text unless it is the one that is known (RFC 9110 §13.1.2, §13.1.3). Any other status is a failure. */
export async function fetchText(
  http: HttpClient,
  url: string,
  { etag = null, lastModified = null, ...limits }: FetchTextOptions = {},
): Promise<FetchedText> {
  const headers = {
    ...(etag === null ? {} : { 'if-none-match': etag }),
    ...(lastModified === null ? {} : { 'if-modified-since': lastModified }),
  };
  const answer = await http.request(url, { headers, ...limits });
  if (answer.status === 304 && Object.keys(headers).length > 0) return { kind: 'same' };
  if (answer.status !== 200) throw new HttpFailure('status', `status ${answer.status}`);
  return {
    kind: 'text',
    text: answer.text,
    etag: answer.headers.get('etag') ?? null,
    lastModified: answer.headers.get('last-modified') ?? null,
  };
}
