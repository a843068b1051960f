import { GatewayError } from '../../core/errors.ts';
import type { HttpClient } from '../http/http-client.ts';
import { HttpFailure } from '../http/http-failure.ts';

/** What the OAuth library wants to have sent. */
export interface OAuthRequest {
  readonly method: 'POST';
  readonly headers: Record<string, string>;
  readonly body: URLSearchParams;
}

/**
 * Sends a request of the OAuth library. Rejects with `IDENTITY_UNAVAILABLE` when there is no answer, or one that says no
 * more than that something is wrong over there.
 */
export function oauthFetch(http: HttpClient): (url: string, request: OAuthRequest) => Promise<Response> {
  return async (url, { method, headers, body }) => {
    const {
      status,
      headers: fields,
      text,
    } = await sent(http, url, { method, headers, body: body.toString() });
    if (status >= 500 || status === 429 || (status >= 300 && status < 400))
      throw new GatewayError('IDENTITY_UNAVAILABLE', `${url}: status ${status}`);
    return new Response(status === 204 ? null : text, { status, headers: [...fields] });
  };
}

async function sent(http: HttpClient, url: string, request: Parameters<HttpClient['request']>[1]) {
  try {
    return await http.request(url, { ...request, maxBytes: MAX_BYTES });
  } catch (cause) {
    if (!(cause instanceof HttpFailure)) throw cause;
    throw new GatewayError('IDENTITY_UNAVAILABLE', cause.message, { cause });
  }
}

/** Tokens and what is said of them are far smaller; thousands of them are remembered. */
const MAX_BYTES = 64 * 1024;
