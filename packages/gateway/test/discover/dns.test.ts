// The sources of DNS against a real server whose records change while it runs.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { dnsServer, withoutDnsServer } from '../../../testkit/src/dns-server.ts';
import { dnsOpeners } from '../../src/upstream/discover/dns.ts';
import type { FoundEndpoint } from '../../src/upstream/discover/endpoint-source.ts';
import { readNameSettings } from '../../src/upstream/discover/name-files.ts';
import { hearSource, realPorts } from './dns-testing.ts';

const skip = withoutDnsServer();
const openers = dnsOpeners();

/** A and AAAA records of a name. */
function watchName(name: string, port: number) {
  const heard = hearSource();
  const resolvers = [`127.0.0.1:${port}`];
  const source = openers.dns({ kind: 'dns', name, port: 8080, resolvers }, heard, realPorts());
  return { next: heard.next, [Symbol.asyncDispose]: () => source.close(), refresh: () => source.refresh() };
}

/** What it tells next that is not the same as before. */
async function change({ next }: { next: () => Promise<string> }, before: string): Promise<string> {
  for (;;) {
    const told = await next();
    if (told !== before) return told;
  }
}

describe('A and AAAA records', { skip }, () => {
  it('are found, of both families, and followed while they change', async () => {
    await using server = await dnsServer({ hosts: { 'users.test': ['10.0.0.1', '2001:db8::1'] } });
    await using watch = watchName('users.test', server.port);
    const first = await watch.next();
    assert.equal(first, '10.0.0.1:8080 2001:db8::1:8080');
    await server.changeHosts({ 'users.test': ['10.0.0.1', '10.0.0.2', '10.0.0.3'] });
    const second = await change(watch, first);
    assert.equal(second, '10.0.0.1:8080 10.0.0.2:8080 10.0.0.3:8080');
    await server.changeHosts({ 'users.test': ['10.0.0.3'] });
    assert.equal(await change(watch, second), '10.0.0.3:8080');
  });

  it('are found through an alias', async () => {
    await using server = await dnsServer({ hosts: { 'a.test': ['10.0.0.1'] }, aliases: ['www.test,a.test'] });
    await using watch = watchName('www.test', server.port);
    assert.equal(await watch.next(), '10.0.0.1:8080');
  });

  it('are believed to be gone when the name is gone for the second time', async () => {
    await using server = await dnsServer({ hosts: { 'a.test': ['10.0.0.1'] } });
    await using watch = watchName('a.test', server.port);
    const first = await watch.next();
    await server.changeHosts({ 'b.test': ['10.0.0.1'] });
    assert.match(await change(watch, first), /^! .*NXDOMAIN/);
    assert.equal(await watch.next(), '');
  });

  it('are a problem while the server is gone, and found when it is back', async () => {
    await using server = await dnsServer({ hosts: { 'a.test': ['10.0.0.1'] } });
    await using watch = watchName('a.test', server.port);
    const first = await watch.next();
    await server.kill();
    const problem = await change(watch, first);
    assert.match(problem, /^! (A|AAAA) a\.test: 127\.0\.0\.1/);
    await server.restart({ hosts: { 'a.test': ['10.0.0.2'] } });
    let told = await watch.next();
    while (told.startsWith('!')) told = await watch.next();
    assert.equal(told, '10.0.0.2:8080');
  });

  it('may be many more than fit into a packet', async () => {
    const addresses = Array.from({ length: 300 }, (_, n) => `10.1.${n >> 8}.${n & 255}`);
    await using server = await dnsServer({ hosts: { 'many.test': addresses } });
    await using watch = watchName('many.test', server.port);
    assert.equal((await watch.next()).split(' ').length, 300);
  });
});

describe('SRV records', { skip }, () => {
  it('become endpoints with weights, and tiers of failover, also when the server has changed', async () => {
    const hosts = {
      'a.test': ['10.0.0.1', '2001:db8::1'],
      'b.test': ['10.0.0.2'],
      'c.test': ['2001:db8::3'],
    };
    await using server = await dnsServer({
      hosts,
      srv: [
        '_x._tcp.test,a.test,8001,10,60',
        '_x._tcp.test,b.test,8002,10,40',
        '_x._tcp.test,c.test,8003,20,0',
      ],
    });
    const heard = hearSource(
      ({ host, port, priority, weight }: FoundEndpoint) => `${host}:${port}/${priority}/${weight}`,
    );
    const config = { kind: 'srv', name: '_x._tcp.test', resolvers: [`127.0.0.1:${server.port}`] } as const;
    const source = openers.srv(config, heard, realPorts());
    try {
      const first = await heard.next();
      assert.equal(first, '10.0.0.1:8001/0/60 10.0.0.2:8002/0/40 2001:db8::3:8003/1/1');
      await server.restart({ hosts, srv: ['_x._tcp.test,b.test,8002,20,5'] });
      let told = await heard.next();
      while (told === first || told.startsWith('!')) told = await heard.next();
      assert.equal(told, '10.0.0.2:8002/0/5');
    } finally {
      await source.close();
    }
  });
});

describe('the files of this machine', { skip }, () => {
  it('are looked at first: its hosts, and search domains for names without a dot', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'turnpike-names-'));
    const [conf, hostsFile] = [join(directory, 'resolv.conf'), join(directory, 'hosts')];
    await writeFile(conf, 'search nowhere.test corp.test\nnameserver 127.0.0.1\n');
    await writeFile(hostsFile, '10.9.9.9 here # not there\n');
    await using server = await dnsServer({ hosts: { 'users.corp.test': ['10.0.0.1'], here: ['10.0.0.2'] } });
    const settings = async () => ({
      ...(await readNameSettings(conf, hostsFile)),
      servers: [{ host: '127.0.0.1', port: server.port }],
    });
    for (const [name, expected] of [
      ['users', '10.0.0.1:80'],
      ['here', '10.9.9.9:80'],
      ['localhost', '127.0.0.1:80'],
      ['10.3.3.3', '10.3.3.3:80'],
    ] as const) {
      const heard = hearSource();
      const config = { kind: 'dns', name, port: 80, resolvers: [] } as const;
      const source = dnsOpeners({ settings }).dns(config, heard, realPorts());
      assert.equal(await heard.next(), expected, name);
      await source.close();
    }
    await rm(directory, { recursive: true });
  });
});
