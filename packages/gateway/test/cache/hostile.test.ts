import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, byPath, eventually, fieldsOf, reply, type Step } from '@turnpike/testkit';
import { codeOf, gateway, get, request } from '../wire/fixture.ts';
import { cached, fresh, statusOf } from './fixture.ts';

/** A service that trusts whatever it is told: what it was sent is in its answer. */
const credulous: Step = async (talk) => {
  const told = talk.fields.filter(
    ([name]) => !/^(host|via|x-request-id|x-forwarded-(for|proto|port)|forwarded)$/i.test(name),
  );
  await talk.write(fresh(JSON.stringify(told)));
};

describe('poisoning', () => {
  it('by fields that no key has reaches nobody', async (t) => {
    const { client } = await gateway(t, cached({ upstream: credulous }));
    const [attacker, victim] = [await client(), await client()];
    for (const [i, field] of [
      'X-Forwarded-Host: evil.example',
      'X-Host: evil.example',
      'X-Original-URL: /evil',
      'X-Rewrite-URL: /evil',
      'X-HTTP-Method-Override: DELETE',
      'X-Forwarded-Scheme: nothttps',
      'X-Forwarded-Prefix: /evil',
      'Forwarded: host=evil.example',
      'X-Original-Host: evil.example',
      'If-None-Match: "evil"',
    ].entries()) {
      const path = `/page/${i}`;
      await attacker.ask(get(path, field));
      const { body } = await victim.ask(get(path));
      assert.doesNotMatch(body.toString(), /evil|nothttps|DELETE/, field);
    }
  });

  it('by fields that no key has does not work behind a trusted proxy either', async (t) => {
    const plan = { upstream: credulous, listener: { trustedProxies: ['127.0.0.1'] } };
    const { client } = await gateway(t, cached(plan));
    const browser = await client();
    const { body } = await browser.ask(
      get('/', 'X-Forwarded-Host: evil.example', 'Forwarded: host=evil.example'),
    );
    assert.doesNotMatch(body.toString(), /evil/);
  });

  it('by a GET with a body does not work', async (t) => {
    const step: Step = async (talk) => {
      const { body } = await talk.whole();
      await talk.write(fresh(`you said ${body.toString()}`));
    };
    const { client } = await gateway(t, cached({ upstream: step }));
    const browser = await client();
    const fat = await browser.ask(request('GET /fat', [], 'evil'));
    assert.equal(codeOf(fat), 'BODY_NOT_ALLOWED');
    // That was the end of its connection.
    const other = await client();
    assert.equal((await other.ask(get('/fat'))).body.toString(), 'you said ');
  });

  it('by parameters that do not count does not work, since the service does not see them', async (t) => {
    const step: Step = (talk) => talk.write(fresh(talk.target));
    const { client } = await gateway(t, cached({ upstream: step }, { key: { query: ['page'] } }));
    const browser = await client();
    assert.equal((await browser.ask(get('/a?page=1&x=evil'))).body.toString(), '/a?page=1');
    assert.match(statusOf(await browser.ask(get('/a?page=1'))), /hit/);
  });

  it('with errors about the head does not work', async (t) => {
    const step: Step = (talk) =>
      talk.write(
        fresh('too much', [], talk.head.includes('X-Big') ? '431 Request Header Fields Too Large' : '200 OK'),
      );
    const { client } = await gateway(t, cached({ upstream: step }, { ttl: { 400: '1m', 413: '1m' } }));
    const browser = await client();
    assert.equal((await browser.ask(get('/', 'X-Big: 1'))).status, 431);
    assert.equal((await browser.ask(get('/'))).status, 200);
  });
});

describe('what is for one caller', () => {
  it('is not kept because of the end of its path', async (t) => {
    const step = byPath({ '/account/x.css': answer(reply('my secrets', ['Content-Type: text/html'])) });
    const { client, upstream } = await gateway(t, cached({ upstream: step }));
    const browser = await client();
    for (let i = 0; i < 2; i++) await browser.ask(get('/account/x.css', 'Cookie: session=1'));
    assert.equal(upstream.requests.length, 2);
  });

  it('is not kept under the name of a picture, if that is looked at', async (t) => {
    const step = answer(fresh('my secrets', ['Content-Type: text/html']));
    const { client, upstream } = await gateway(t, cached({ upstream: step }, { checkContentType: true }));
    const browser = await client();
    assert.match(statusOf(await browser.ask(get('/account/x.png'))), /content-type/);
    await browser.ask(get('/account/x.png'));
    assert.equal(upstream.requests.length, 2);
  });

  it('as a cookie is refused, or taken out for all others, or given to all who shall have it', async (t) => {
    for (const setCookie of ['refuse', 'strip', 'keep']) {
      await t.test(setCookie, async (t) => {
        const { client, upstream } = await gateway(
          t,
          cached({ upstream: answer(fresh('x', ['Set-Cookie: id=1'])) }, { setCookie }),
        );
        const browser = await client();
        assert.match((await browser.ask(get('/'))).head, /set-cookie: id=1/i);
        const second = await browser.ask(get('/'));
        assert.equal(/set-cookie/i.test(second.head), setCookie !== 'strip');
        await eventually(
          () => upstream.requests.length === (setCookie === 'refuse' ? 2 : 1),
          'the right number of requests',
        );
      });
    }
  });

  /** Cookies by which we bind a caller: to an endpoint, or to a side of a route. */
  const BINDING = {
    endpoint: { service: { balancer: { sticky: 'lb' } } },
    side: {
      services: { other: { endpoints: ['http://127.0.0.1:1'] } },
      routes: {
        split: { match: { path: '/split' }, services: { main: 1, other: 0 }, split: { sticky: 'lb' } },
      },
    },
  };

  for (const [to, plan] of Object.entries(BINDING)) {
    it(`as the cookie by which we bind a caller to its ${to} is never stored`, async (t) => {
      for (const setCookie of ['refuse', 'strip', 'keep']) {
        const upstream = answer(fresh('x', setCookie === 'keep' ? ['Set-Cookie: id=1'] : []));
        const defaults = { policies: { cache: { setCookie } } };
        const rig = await gateway(t, cached({ upstream, defaults, ...plan }, { setCookie }));
        const browser = await rig.client();
        assert.match((await browser.ask(get('/split'))).head, /set-cookie: lb=/i);
        const { head } = await browser.ask(get('/split'));
        assert.doesNotMatch(head, /lb=/);
        assert.equal(/set-cookie: id=1/i.test(head), setCookie === 'keep');
        assert.equal(rig.upstream.requests.length, 1, setCookie);
      }
    });
  }

  it('with a cookie of ours that is not stored goes to its caller alone', async (t) => {
    const upstream = answer(reply('mine', ['Cache-Control: no-store', 'Set-Cookie: id=1']));
    const service = { balancer: { sticky: 'lb' } };
    const { client } = await gateway(t, cached({ upstream, service }));
    const browser = await client();
    for (let i = 0; i < 2; i++) {
      const cookies = fieldsOf(await browser.ask(get('/')), 'set-cookie').join();
      assert.match(cookies, /^id=1,lb=[^,]+$/);
    }
  });

  it('with credentials is kept only if the service says that it is for all', async (t) => {
    const step = byPath({
      '/mine': answer(fresh('mine')),
      '/all': answer(reply('all', ['Cache-Control: public, max-age=60'])),
    });
    const { client, upstream } = await gateway(t, cached({ upstream: step }));
    const browser = await client();
    for (const path of ['/mine', '/mine', '/all', '/all'])
      await browser.ask(get(path, 'Authorization: Bearer a'));
    assert.equal(upstream.requests.length, 3);
  });
});
