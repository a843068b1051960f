import { once } from 'node:events';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { testAuthority } from '@turnpike/testkit';

/** What an authority says at a path. */
export type Saying = (request: IncomingMessage, response: ServerResponse) => void;

/** An authority that does as the test says; what the test leaves out goes well, up to the proofs. It checks nothing. */
export interface OddAuthority {
  readonly origin: string;
  readonly directory: string;
  /** PEM of who vouches for its server. */
  readonly authorities: string;
  /** Paths, in the order in which they were asked for. */
  readonly asked: readonly string[];
}

/** Of the challenge that it poses. */
export const TOKEN = 'a-token-of-an-odd-authority';

/** Answers with JSON. */
export function saysJson(
  value: unknown,
  status = 200,
  fields: Readonly<Record<string, string>> = {},
): Saying {
  return (_, response) =>
    void response.writeHead(status, { 'replay-nonce': 'bm9uY2U', ...fields }).end(JSON.stringify(value));
}

/** Starts one for `a.test`; it ends with the test. */
export async function oddAuthority(
  t: TestContext,
  sayings: (origin: string) => Readonly<Record<string, Saying>> = () => ({}),
): Promise<OddAuthority> {
  const authority = testAuthority();
  const asked: string[] = [];
  let known: Readonly<Record<string, Saying>> = {};
  const server = createServer(authority.issue({ names: ['localhost'] }), (request, response) => {
    const { url = '' } = request;
    asked.push(url);
    request.resume();
    response.on('error', () => {});
    (known[url] ?? saysJson({ detail: `nothing is at ${url}` }, 404))(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  known = { ...courteous(origin), ...sayings(origin) };
  return { origin, directory: `${origin}/dir`, authorities: authority.cert, asked };
}

function courteous(origin: string): Record<string, Saying> {
  const [newNonce, newAccount, newOrder] = ['nonce', 'accounts', 'orders'].map((path) => `${origin}/${path}`);
  const challenge = { type: 'http-01', url: `${origin}/challenge`, token: TOKEN, status: 'pending' };
  return {
    '/dir': saysJson({ newNonce, newAccount, newOrder }),
    '/nonce': saysJson({}),
    '/accounts': saysJson({ status: 'valid' }, 200, { location: `${origin}/accounts/1` }),
    '/orders': saysJson({ status: 'pending', authorizations: [`${origin}/authorization`] }, 201, {
      location: `${origin}/orders/1`,
    }),
    '/authorization': saysJson({
      status: 'pending',
      identifier: { type: 'dns', value: 'a.test' },
      challenges: [challenge],
    }),
    '/challenge': saysJson(challenge),
  };
}
