import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { startPlane, within, type Plane } from '@turnpike/testkit';
import { acmeServer, type AcmeServer, type AcmeServerOptions } from '../../../testkit/src/acme-server.ts';
import { certificateStore, endsWith } from '../tls/fixture.ts';

/** A gateway with a listener without TLS and one with, and an authority that looks there. */
export interface AcmeWorld {
  readonly plane: Plane;
  readonly authority: AcmeServer;
  readonly tlsPort: number;
  /** Has the gateway fetch a certificate, before a certificate for `other.test` in a file. */
  fetch(acme: object): Promise<void>;
}

/** Starts both; the gateway begins with the certificate in the file only. */
export async function acmeWorld(
  t: TestContext,
  options: Partial<AcmeServerOptions> = {},
): Promise<AcmeWorld> {
  const store = await certificateStore(t);
  const other = await store.issue('other', { commonName: 'other', names: ['other.test'] });
  const documentWith = (certificates: readonly object[], order: 'before' | 'after' = 'before') => ({
    listeners: {
      plain: { address: '127.0.0.1:0' },
      secure: {
        address: '127.0.0.1:0',
        tls: { certificates: order === 'before' ? [...certificates, other] : [other, ...certificates] },
      },
    },
    routes: { all: { match: { path: '/*' }, respond: { status: 200, body: 'a route' } } },
  });
  const plane = await startPlane(documentWith([]));
  t.after(() => plane.close());
  const [httpPort = 0, tlsPort = 0] = plane.ports;
  const authority = await acmeServer({ httpPort, tlsPort, ...options });
  t.after(() => authority.close());
  const authorities = join(store.path('.'), 'pebble.pem');
  await writeFile(authorities, authority.authorities);
  return {
    plane,
    authority,
    tlsPort,
    fetch: (acme) =>
      plane.apply(documentWith([{ acme: { directory: authority.directory, authorities, ...acme } }])),
  };
}

/** Who is met under a name: host names of the certificate, or the code of the error. */
export async function met(
  t: TestContext,
  port: number,
  servername: string,
): Promise<readonly string[] | string> {
  const socket: TLSSocket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false });
  endsWith(t, socket);
  try {
    await within(once(socket, 'secureConnect'), 'a handshake');
    const names = socket.getPeerX509Certificate()?.subjectAltName ?? '';
    return names.split(', ').map((name) => name.replace(/^DNS:/, ''));
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  } finally {
    socket.destroy();
  }
}

/** Asks again until it is this certificate. */
export async function untilMet(t: TestContext, port: number, names: readonly string[]): Promise<void> {
  const wanted = names.toSorted(byText).join();
  await within(
    (async () => {
      for (;;) {
        const found = await met(t, port, names[0] ?? '');
        if (Array.isArray(found) && found.toSorted(byText).join() === wanted) return;
      }
    })(),
    `a certificate for ${wanted}`,
    30_000,
  );
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}
