import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eventually } from '@turnpike/testkit';
import { kubernetesServer, type KubernetesServer } from '@turnpike/testkit/kubernetes-server';
import type { KubernetesConfig } from '../../src/upstream/discover/kubernetes-access.ts';
import { kubernetesSource } from '../../src/upstream/discover/kubernetes.ts';
import { selfSigned } from '../identity/self-signed.ts';
import { openRegistry, type RegistrySite, type RegistrySiteOptions } from './registry-site.ts';

/** Watches `search` in `prod`. */
function watching(
  url: string,
  { config = {}, ...options }: RegistrySiteOptions & { readonly config?: Partial<KubernetesConfig> } = {},
): RegistrySite {
  const whole: KubernetesConfig = {
    kind: 'kubernetes',
    url,
    namespace: 'prod',
    service: 'search',
    port: null,
    tokenFile: null,
    authorities: null,
    ...config,
  };
  return openRegistry((events, ports) => kubernetesSource(whole, events, ports), { haste: 20, ...options });
}

function slice(name: string, ...addresses: readonly string[]) {
  const endpoints = addresses.map((address) => ({ addresses: [address], conditions: { ready: true } }));
  return { name, service: 'search', endpoints };
}

/** Nothing that is changed before a watch is open shows what a watch does. */
async function watched(server: KubernetesServer, count = 1): Promise<void> {
  await eventually(() => server.opened >= count && server.watches > 0, `watch ${count} is open`);
}

describe('endpoints in Kubernetes', () => {
  it('are those of all slices of the service, and follow every change', async () => {
    await using server = await kubernetesServer();
    server.apply(slice('search-1', '10.0.0.1', '10.0.0.2'));
    server.apply({ ...slice('other-1', '10.0.0.9'), service: 'other' });
    await using site = watching(server.url);
    await site.finds('10.0.0.1:8080 10.0.0.2:8080');
    await watched(server);
    server.apply(slice('search-2', '10.0.0.3'));
    server.apply({ ...slice('search-6', '2001:db8::1'), addressType: 'IPv6' });
    await site.finds('10.0.0.1:8080 10.0.0.2:8080 10.0.0.3:8080 2001:db8::1:8080');
    server.apply(slice('search-1', '10.0.0.2'));
    server.remove('search-6');
    await site.finds('10.0.0.2:8080 10.0.0.3:8080');
    server.apply({ ...slice('search-2'), endpoints: null });
    await site.finds('10.0.0.2:8080');
    assert.deepEqual(site.problems, []);
    assert.equal(server.requests.filter((url) => !url.searchParams.has('watch')).length, 1);
  });

  it('may come in many pages', async () => {
    await using server = await kubernetesServer();
    for (let number = 1; number <= 250; number++) server.apply(slice(`search-${number}`, `10.0.0.${number}`));
    await using site = watching(server.url);
    await site.until(() => site.found.length > 0, 'it has found them');
    assert.equal(site.found[0]?.endpoints.length, 250);
    const limits = server.requests
      .map((url) => url.searchParams.get('limit'))
      .filter((limit) => limit !== null);
    assert.deepEqual(limits, ['100', '100', '100']);
  });

  it('go on from a bookmark when a watch has ended', async () => {
    await using server = await kubernetesServer();
    server.apply(slice('search-1', '10.0.0.1'));
    await using site = watching(server.url);
    await site.finds('10.0.0.1:8080');
    await watched(server);
    server.apply({ ...slice('other-1', '10.0.0.9'), service: 'other' });
    server.bookmark();
    await site.until(() => site.found.at(-1)?.version === '102', 'the bookmark arrives');
    server.endWatches();
    await eventually(() => server.watches === 0, 'the watch has ended');
    server.apply(slice('search-1', '10.0.0.2'));
    await site.finds('10.0.0.2:8080');
    assert.deepEqual(site.problems, []);
    const from = server.requests.map((url) => url.searchParams.get('resourceVersion'));
    assert.deepEqual(from, [null, '101', '102']);
    assert.ok(
      server.requests.slice(1).every((url) => url.searchParams.get('allowWatchBookmarks') === 'true'),
    );
  });

  it('are listed anew when the version is gone, in a watch or before one', async () => {
    await using server = await kubernetesServer();
    server.apply(slice('search-1', '10.0.0.1'));
    await using site = watching(server.url);
    await site.finds('10.0.0.1:8080');
    await watched(server);
    server.expire();
    await eventually(() => server.watches === 0, 'the watch has ended');
    server.apply(slice('search-1', '10.0.0.2'));
    await site.finds('10.0.0.2:8080');
    await watched(server, 2);
    server.bookmark();
    server.endWatches();
    await eventually(() => server.watches === 0, 'the watch has ended');
    server.remove('search-1');
    server.expire();
    await site.finds('');
    assert.deepEqual(site.problems, []);
  });

  it('are kept while a watch is broken, and right afterwards', async () => {
    await using server = await kubernetesServer();
    server.apply(slice('search-1', '10.0.0.1'));
    await using site = watching(server.url, { timeoutMs: 2000 });
    await site.finds('10.0.0.1:8080');
    const garbage = [
      'nonsense\n',
      '[]\n',
      '{"type":"MODIFIED"}\n',
      '{"type":"SOMETHING","object":{}}\n',
      '{"type":"ADDED","object":{"metadata":{"name":"x"}}}\n',
      `${JSON.stringify({ type: 'ERROR', object: { code: 500, message: 'etcd is gone' } })}\n`,
      `"${'x'.repeat(5 * 1024 * 1024)}`,
    ];
    for (const [index, text] of garbage.entries()) {
      await watched(server, 1 + index);
      const before = site.problems.length;
      server.say(text);
      await site.until(() => site.problems.length > before, `${text.slice(0, 40)} is a problem`);
    }
    await watched(server, 1 + garbage.length);
    await server.breakOff('{"type":"DELETED","object":{"metadata":{"name":"search-1","resour');
    server.apply(slice('search-2', '10.0.0.2'));
    await site.finds('10.0.0.1:8080 10.0.0.2:8080');
    assert.ok(site.found.every(({ endpoints }) => endpoints.length > 0));
  });

  it('are kept while the API fails, which is told in its words', async () => {
    await using server = await kubernetesServer();
    server.apply(slice('search-1', '10.0.0.1'));
    await using site = watching(server.url);
    await site.finds('10.0.0.1:8080');
    await watched(server);
    const message = 'endpointslices is forbidden';
    server.answerWith((response) => response.writeHead(403).end(JSON.stringify({ kind: 'Status', message })));
    server.endWatches();
    await site.until(() => site.problems.length > 2, 'it fails');
    assert.match(site.problems.at(-1) ?? '', /status 403: endpointslices is forbidden/);
    server.answerWith(null);
    server.apply(slice('search-1', '10.0.0.2'));
    await site.finds('10.0.0.2:8080');
  });

  it('are asked for with the token that is in the file now', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'turnpike-token-'));
    const tokenFile = join(directory, 'token');
    try {
      await using server = await kubernetesServer();
      server.requireToken('first');
      server.apply(slice('search-1', '10.0.0.1'));
      await writeFile(tokenFile, 'first\n');
      await using site = watching(server.url, { config: { tokenFile } });
      await site.finds('10.0.0.1:8080');
      await watched(server);
      server.requireToken('second');
      server.bookmark();
      server.endWatches();
      await site.until(() => site.problems.length > 0, 'the old token is refused');
      assert.match(site.problems[0] ?? '', /status 401: Unauthorized/);
      server.apply(slice('search-1', '10.0.0.2'));
      await writeFile(tokenFile, 'second\n');
      await site.finds('10.0.0.2:8080');
      assert.doesNotMatch(site.problems.join(), /first|second/);
      await watched(server, 2);
      await rm(tokenFile);
      server.endWatches();
      await site.until(() => site.problems.at(-1)?.includes('ENOENT') === true, 'the file is missed');
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('come over TLS from a server that the authorities of the file vouch for, and from no other', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'turnpike-authorities-'));
    const authorities = join(directory, 'ca.crt');
    const [ours, other] = [selfSigned(), selfSigned()];
    try {
      await using server = await kubernetesServer(ours);
      server.apply(slice('search-1', '10.0.0.1'));
      await writeFile(authorities, other.cert);
      await using site = watching(server.url, { config: { authorities } });
      await site.until(() => site.problems.length > 1, 'it is not believed');
      assert.equal(site.found.length, 0);
      await writeFile(authorities, ours.cert);
      await site.finds('10.0.0.1:8080');
      await watched(server);
      server.apply(slice('search-1', '10.0.0.2'));
      await site.finds('10.0.0.2:8080');
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('are right after fifty changes a second', async () => {
    await using server = await kubernetesServer();
    await using site = watching(server.url);
    await site.finds('');
    for (let change = 0; change < 200; change++) {
      server.apply(slice(`search-${change % 10}`, `10.0.1.${change}`));
      if (change % 20 === 7) server.endWatches();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const last = Array.from({ length: 10 }, (_, number) => `10.0.1.${190 + number}:8080`);
    await site.finds(last.join(' '));
  });
});
