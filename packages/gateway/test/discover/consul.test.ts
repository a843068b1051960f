import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually } from '@turnpike/testkit';
import { consulServer } from '@turnpike/testkit/consul-server';
import { consulSource, type ConsulConfig } from '../../src/upstream/discover/consul.ts';
import { openRegistry, type RegistrySite, type RegistrySiteOptions } from './registry-site.ts';

/** Watches `pay`. */
function watching(
  urls: readonly string[],
  { config = {}, ...options }: RegistrySiteOptions & { readonly config?: Partial<ConsulConfig> } = {},
): RegistrySite {
  const whole: ConsulConfig = {
    kind: 'consul',
    urls,
    service: 'pay',
    tags: [],
    datacenter: null,
    token: null,
    ...config,
  };
  return openRegistry((events, ports) => consulSource(whole, events, ports), { haste: 20, ...options });
}

describe('endpoints in Consul', () => {
  it('are the instances that pass, and follow every change', async () => {
    await using consul = await consulServer();
    consul.register('pay', { id: 'a', address: '10.0.0.1', port: 8001 });
    consul.register('other', { id: 'x', address: '10.0.0.9', port: 8001 });
    await using site = watching([consul.url]);
    await site.finds('10.0.0.1:8001');
    consul.register('pay', { id: 'b', port: 8002 });
    await site.finds('10.0.0.100:8002 10.0.0.1:8001');
    consul.register('pay', { id: 'a', address: '10.0.0.1', port: 8001, status: 'critical' });
    consul.register('pay', { id: 'c', address: '10.0.0.3', port: 8003, status: 'warning' });
    await site.finds('10.0.0.100:8002');
    consul.deregister('pay', 'b');
    await site.finds('');
    assert.deepEqual(site.problems, []);
  });

  it('have weight, zone and priority', async () => {
    await using consul = await consulServer();
    const node = { name: 'n', address: '2001:db8::1', zone: 'west' };
    consul.register('pay', { id: 'a', port: 1, weight: 7, node, meta: { priority: '2' } });
    consul.register('pay', { id: 'b', port: 2, node, meta: { zone: 'east' } });
    consul.register('pay', { id: 'c', port: 3, node, meta: { priority: 'high' } });
    await using site = watching([consul.url]);
    await site.finds('2001:db8::1:1 2001:db8::1:2');
    const about = site.found.at(-1)?.endpoints.map(({ weight, zone, priority }) => [weight, zone, priority]);
    assert.deepEqual(about, [
      [7, 'west', 2],
      [1, 'east', 0],
    ]);
    assert.equal(site.log.entries.length, 1);
  });

  it('are asked for as it is configured', async () => {
    await using consul = await consulServer();
    consul.requireToken('secret');
    consul.register('pay', { id: 'a', address: '10.0.0.1', port: 80, tags: ['v2', 'blue'] });
    consul.register('pay', { id: 'b', address: '10.0.0.2', port: 80, tags: ['v2'] });
    const config = { tags: ['v2', 'blue'], datacenter: 'dc1', token: 'secret' };
    await using site = watching([consul.url], { config });
    await site.finds('10.0.0.1:80');
    consul.register('pay', { id: 'b', address: '10.0.0.2', port: 80, tags: ['blue', 'v2'] });
    await site.finds('10.0.0.1:80 10.0.0.2:80');
    const [first, second] = consul.requests;
    assert.equal(first?.query.get('index'), null);
    assert.equal(second?.query.get('index'), site.found[0]?.version);
    assert.match(second?.query.get('wait') ?? '', /^(4[4-9]|5[0-5])\d{3}ms$/);
    assert.equal(second?.query.has('stale'), true);
    assert.equal(second?.token, 'secret');
  });

  it('are not given to those who may not see them, who are told', async () => {
    await using consul = await consulServer();
    consul.requireToken('secret');
    consul.register('pay', { id: 'a', address: '10.0.0.1', port: 80 });
    for (const [token, problem] of [
      [null, /it hides what it has from this token/],
      ['wrong', /\/v1\/health\/service\/pay: status 403/],
    ] as const) {
      await using site = watching([consul.url], { config: { token } });
      await site.until(() => site.problems.length > 1, 'it is refused');
      assert.match(site.problems[0] ?? '', problem);
      assert.doesNotMatch(site.problems.join(), /wrong/);
      assert.equal(site.found.length, 0);
    }
  });

  it('are asked for anew when the index goes backwards', async () => {
    await using consul = await consulServer();
    consul.setIndex(1000);
    consul.register('pay', { id: 'a', address: '10.0.0.1', port: 80 });
    await using site = watching([consul.url]);
    await site.finds('10.0.0.1:80');
    // Whoever asks from so far ahead only then waits for a minute, at the real one too.
    await eventually(() => consul.requests.length === 2, 'a query waits');
    consul.setIndex(5);
    // Whoever still waited from 1001 would not hear of this one.
    consul.register('pay', { id: 'b', address: '10.0.0.2', port: 80 });
    await site.finds('10.0.0.1:80 10.0.0.2:80');
    consul.register('pay', { id: 'c', address: '10.0.0.3', port: 80 });
    await site.finds('10.0.0.1:80 10.0.0.2:80 10.0.0.3:80');
    assert.deepEqual(site.problems, []);
  });

  it('are polled where there is no index', async () => {
    await using consul = await consulServer();
    consul.setHeaders({ 'x-consul-index': '0' });
    consul.register('pay', { id: 'a', address: '10.0.0.1', port: 80 });
    await using site = watching([consul.url]);
    await site.finds('10.0.0.1:80');
    consul.register('pay', { id: 'b', address: '10.0.0.2', port: 80 });
    await site.finds('10.0.0.1:80 10.0.0.2:80');
    assert.ok(consul.requests.every(({ query }) => !query.has('index')));
  });

  it('are kept while Consul answers with errors, nonsense or nothing', async () => {
    await using consul = await consulServer();
    consul.register('pay', { id: 'a', address: '10.0.0.1', port: 80 });
    await using site = watching([consul.url], { timeoutMs: 1000 });
    await site.finds('10.0.0.1:80');
    const answers: [RegExp, (response: import('node:http').ServerResponse) => void][] = [
      [/status 429/, (response) => response.writeHead(429).end()],
      [/status 500/, (response) => response.writeHead(500).end('No cluster leader')],
      [/no list/, (response) => response.end('{}')],
      [/no JSON/, (response) => response.end('[{"Node":')],
      [/: /, (response) => response.destroy()],
      [/no answer within/, () => {}],
    ];
    for (const [problem, answer] of answers) {
      const before = site.problems.length;
      consul.answerWith(answer);
      await site.until(() => site.problems.slice(before).some((text) => problem.test(text)), `${problem}`);
    }
    assert.equal(site.places(), '10.0.0.1:80');
    consul.register('pay', { id: 'b', address: '10.0.0.2', port: 80 });
    consul.answerWith(null);
    await site.finds('10.0.0.1:80 10.0.0.2:80');
  });

  it('are not taken from a server that has lost the others, unless nothing is known', async () => {
    await using consul = await consulServer();
    consul.register('pay', { id: 'a', address: '10.0.0.1', port: 80 });
    consul.setHeaders({ 'x-consul-knownleader': 'false' });
    await using site = watching([consul.url]);
    await site.finds('10.0.0.1:80');
    consul.deregister('pay', 'a');
    await site.until(() => site.problems.length > 1, 'it is not believed');
    assert.equal(site.places(), '10.0.0.1:80');
    consul.setHeaders({});
    await site.finds('');
  });

  it('come from the next agent when one is gone', async () => {
    await using first = await consulServer();
    await using second = await consulServer();
    first.register('pay', { id: 'a', address: '10.0.0.1', port: 80 });
    second.register('pay', { id: 'a', address: '10.0.0.2', port: 80 });
    await using site = watching([first.url, second.url]);
    await site.finds('10.0.0.1:80');
    await first.kill();
    await site.finds('10.0.0.2:80');
    await first.restart();
    await second.kill();
    await site.finds('10.0.0.1:80');
  });

  it('are right after fifty changes a second, in fewer answers', async () => {
    await using consul = await consulServer();
    await using site = watching([consul.url], { haste: 1 });
    await site.finds('');
    for (let change = 0; change < 50; change++) {
      consul.register('pay', { id: `${change % 10}`, address: `10.0.0.${change % 10}`, port: 8000 + change });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await site.finds(Array.from({ length: 10 }, (_, last) => `10.0.0.${last}:${8040 + last}`).join(' '));
    assert.ok(site.found.length < 25, `${site.found.length} answers`);
  });
});
