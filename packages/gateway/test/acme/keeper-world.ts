import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { AcmeCertificateConfig } from '@turnpike/config';
import { acmeServer, type AcmeServerOptions } from '../../../testkit/src/acme-server.ts';
import { folderStorage } from '../../src/acme/folder-storage.ts';
import { systemClock } from '../../src/core/ports.ts';
import { HttpClient } from '../../src/identity/http/http-client.ts';
import { testKeeper, type TestKeeperParts } from './keeper-testing.ts';

/** An authority that looks at a server of ours, which shows what keepers show it; and a folder. */
export async function keeperWorld(t: TestContext, options: Partial<AcmeServerOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'turnpike-keepers-'));
  const answers = new Map<string, string>();
  const site = createServer(({ url = '' }, response) => {
    const answer = answers.get(url.slice('/.well-known/acme-challenge/'.length));
    response.writeHead(answer === undefined ? 404 : 200).end(answer);
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  const { port: httpPort } = site.address() as AddressInfo;
  const authority = await acmeServer({ httpPort, tlsPort: httpPort, ...options });
  const http = new HttpClient();
  const keepers: ReturnType<typeof testKeeper>[] = [];
  t.after(async () => {
    await Promise.all(keepers.map(({ keeper }) => keeper.close()));
    await Promise.all([http.close(), authority.close()]);
    site.close();
    await rm(folder, { recursive: true });
  });
  const config: AcmeCertificateConfig = {
    kind: 'acme',
    domains: ['a.test'],
    email: null,
    directory: authority.directory,
    storage: { kind: 'state' },
    challenge: 'http-01',
    eab: null,
    authorities: null,
  };
  const trusting = {
    request: (url: string, request: Parameters<HttpClient['request']>[1]) =>
      http.request(url, { ...request, authorities: authority.authorities }),
  };
  const keeper = (parts: Partial<TestKeeperParts> & Pick<TestKeeperParts, 'storage'>) => {
    const made = testKeeper({
      config,
      http: trusting,
      show: (proofs) => proofs.answers.forEach(({ token, answer }) => answers.set(token, answer)),
      ...parts,
    });
    keepers.push(made);
    return made;
  };
  const orders = () => authority.said(/Added order/).length;
  return { authority, folder, config, keeper, orders, storage: folderStorage(folder, systemClock, 'own') };
}
