// Those who wait for what another one asks for must never get what is for that one alone, and hang on nothing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually, rawClient, reply, type Step } from '@turnpike/testkit';
import { gateway, get } from '../wire/fixture.ts';
import { cached, fresh } from './fixture.ts';

const CLIENTS = 12;

/** What a service says to the first, and to each of the others. */
interface Case {
  readonly name: string;
  readonly first: string;
  readonly other: string;
}

const COOKIE = 'Set-Cookie: session=first';
const CASES: readonly Case[] = [
  {
    name: 'is private',
    first: reply('first', ['Cache-Control: private, max-age=60']),
    other: reply('other'),
  },
  { name: 'is no-store', first: reply('first', ['Cache-Control: no-store']), other: reply('other') },
  {
    name: 'has a cookie',
    first: fresh('first', [COOKIE]),
    other: fresh('other', ['Set-Cookie: session=other']),
  },
  { name: 'varies by everything', first: fresh('first', ['Vary: *']), other: fresh('other', ['Vary: *']) },
  {
    name: 'varies by who asks',
    first: fresh('first', ['Vary: Cookie']),
    other: fresh('other', ['Vary: Cookie']),
  },
  { name: 'is an error', first: reply('first', [], '500 Oops'), other: reply('other', [], '500 Oops') },
];

describe('an answer that many wait for, and that', () => {
  for (const { name, first, other } of CASES) {
    it(`${name} goes to the one who asked, and the others ask for themselves`, async (t) => {
      const opened = Promise.withResolvers<void>();
      let count = 0;
      const step: Step = async (talk) => {
        const isFirst = count++ === 0;
        await opened.promise;
        await talk.write(isFirst ? first : other);
      };
      const { plane } = await gateway(t, cached({ upstream: step }));
      const clients = await Promise.all(Array.from({ length: CLIENTS }, () => rawClient(plane.port)));
      t.after(() => clients.forEach((client) => client.destroy()));
      const answers = clients.map((client, i) => client.ask(get('/mine', `Cookie: session=${i}`)));
      await eventually(
        () => plane.metrics().includes(`turnpike_requests_in_flight{route="main",service="main"} ${CLIENTS}`),
        'all requests to be under way',
      );
      opened.resolve();
      const bodies = (await Promise.all(answers)).map((each) => each.body.toString());
      assert.equal(bodies.filter((body) => body === 'first').length, 1, bodies.join());
      assert.equal(bodies.filter((body) => body === 'other').length, CLIENTS - 1, bodies.join());
    });
  }

  it('breaks off in its middle is whole for nobody, and is not kept', async (t) => {
    let count = 0;
    const step: Step = async (talk) => {
      if (count++ > 0) return talk.write(fresh('y'.repeat(100_000)));
      await talk.write(fresh('x'.repeat(100_000)).slice(0, 50_000));
      talk.socket.destroy();
    };
    const { plane } = await gateway(t, cached({ upstream: step, route: { policies: { retry: 'off' } } }));
    const one = await rawClient(plane.port);
    await one.send(get('/broken'));
    await assert.rejects(one.response());
    const next = await rawClient(plane.port);
    t.after(() => [one, next].forEach((client) => client.destroy()));
    const { body } = await next.ask(get('/broken'));
    assert.ok(body.toString() === 'y'.repeat(100_000));
  });
});

describe('what was purged while it was on its way', () => {
  it('is found by nobody who asks later', async (t) => {
    const opened = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    let count = 0;
    const step: Step = async (talk) => {
      const { startLine } = await talk.whole();
      if (startLine.startsWith('PUT')) return talk.write(reply('changed'));
      const body = `version ${++count}`;
      arrived.resolve();
      if (count === 1) await opened.promise;
      await talk.write(fresh(body, ['Vary: Accept-Language']));
    };
    const { plane } = await gateway(t, cached({ upstream: step }));
    const [reader, writer] = await Promise.all([rawClient(plane.port), rawClient(plane.port)]);
    t.after(() => [reader, writer].forEach((client) => client.destroy()));
    const english = get('/a', 'Accept-Language: en');
    const before = reader.ask(english);
    await arrived.promise;
    await writer.ask('PUT /a HTTP/1.1\r\nHost: gateway.test\r\nContent-Length: 1\r\n\r\nx');
    opened.resolve();
    assert.equal((await before).body.toString(), 'version 1');
    // Only by what comes now is it known again how responses vary, and where the first was put.
    const french = await writer.ask(get('/a', 'Accept-Language: fr'));
    assert.equal(french.body.toString(), 'version 2');
    assert.equal((await writer.ask(english)).body.toString(), 'version 3');
  });
});
