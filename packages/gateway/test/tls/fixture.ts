import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import { testAuthority, within, type TestAuthority, type TestCertificateWish } from '@turnpike/testkit';

/** A directory with certificates in it, made by one authority. */
export interface CertificateStore {
  readonly authority: TestAuthority;
  path(name: string): string;
  write(name: string, text: string): Promise<string>;
  /** Writes `NAME.pem` and `NAME.key`; gives what `tls.certificates` takes. */
  issue(name: string, wish: TestCertificateWish): Promise<{ certificate: string; key: string }>;
}

const clientsOf = new WeakMap<TestContext, TLSSocket[]>();

/** Ends a client before the gateway, which would wait for it; the test must have made its store first. */
export function endsWith(t: TestContext, client: TLSSocket): void {
  clientsOf.get(t)?.push(client);
}

/** Makes one, which goes with the test. */
export async function certificateStore(t: TestContext): Promise<CertificateStore> {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-tls-'));
  const clients: TLSSocket[] = [];
  clientsOf.set(t, clients);
  t.after(async () => {
    for (const client of clients) client.destroy();
    await rm(directory, { recursive: true });
  });
  const authority = testAuthority();
  const store: CertificateStore = {
    authority,
    path: (name) => join(directory, name),
    async write(name, text) {
      const path = join(directory, name);
      await writeFile(`${path}.tmp`, text);
      await rename(`${path}.tmp`, path);
      return path;
    },
    async issue(name, wish) {
      const { cert, key } = authority.issue(wish);
      return {
        certificate: await store.write(`${name}.pem`, cert),
        key: await store.write(`${name}.key`, key),
      };
    },
  };
  return store;
}

/** A client that believes the authority, with its handshake behind it. */
export async function tlsClient(
  t: TestContext,
  port: number,
  options: ConnectionOptions,
): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', servername: 'a.test', ...options });
  endsWith(t, socket);
  await within(once(socket, 'secureConnect'), 'a handshake');
  return socket;
}

/** The code of the error with which a handshake, or what comes after it, fails; `''` is a proper end. */
export async function failureOf(t: TestContext, port: number, options: ConnectionOptions): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', servername: 'a.test', ...options });
  endsWith(t, socket);
  let code = '';
  socket.on('error', (error: NodeJS.ErrnoException) => (code = error.code ?? error.message));
  socket.resume();
  await within(
    once(socket, 'close').catch(() => {}),
    'the end of the connection',
  );
  return code;
}

/** Sends text, and gives all that comes until `pattern` is in it. */
export async function talk(socket: TLSSocket, text: string, pattern: RegExp): Promise<string> {
  let all = '';
  socket.write(text, 'latin1');
  await within(
    new Promise<void>((resolve, reject) => {
      const hear = (bytes: Buffer): void => {
        all += bytes.toString('latin1');
        if (!pattern.test(all)) return;
        socket.off('data', hear);
        resolve();
      };
      socket.on('data', hear);
      socket.once('close', () => reject(new Error(`closed after: ${all}`)));
    }),
    `${pattern}`,
  );
  return all;
}
