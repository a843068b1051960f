import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CorsConfig } from '@turnpike/config';
import { countedDecisions } from '../../core/decisions-testing.ts';
import type { Reply } from '../../core/exchange.ts';
import { Headers, headersOf } from '../../core/headers.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { cors } from './cors.ts';

const APP = 'https://app.example.com';
const CONFIG: CorsConfig = {
  mode: 'on',
  origins: [APP, 'https://*.wild.example'],
  methods: [],
  headers: ['authorization', 'x-trace'],
  exposeHeaders: [],
  credentials: false,
  maxAgeMs: 600_000,
  privateNetwork: false,
};

type Fields = readonly (readonly [name: string, value: string])[];

/** The stage before a service that answers with these fields, and what it counts. */
function rig(config: Partial<CorsConfig> = {}, methods: readonly string[] = ['GET', 'PUT']) {
  const { decisions, take } = countedDecisions();
  const stage = cors({ ...CONFIG, ...config }, { methods }, { decisions });
  assert.ok(stage !== null);
  /** The reply and what was counted; `served` tells whether the service was asked. */
  const ask = async (method: string, fields: Fields, service: Partial<Reply> = {}) => {
    let served = false;
    const handle = stage(() => {
      served = true;
      return Promise.resolve({
        status: 200,
        headers: new Headers(),
        body: 'hi',
        code: '',
        tunnel: null,
        ...service,
      });
    });
    const reply = await handle(exchangeFrom({ method, headers: headersOf(...fields) }));
    return { reply, fields: fieldsIn(reply.headers), served, counted: take() };
  };
  const preflight = (origin: string, method: string, ...more: Fields) =>
    ask('OPTIONS', [['Origin', origin], ['Access-Control-Request-Method', method], ...more]);
  return { ask, preflight };
}

/** The CORS fields and `Vary`, without their long prefix; a field that comes twice is joined with `|`. */
function fieldsIn(headers: Headers): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [i, { lower }] of headers.names.entries()) {
    if (lower !== 'vary' && !lower.startsWith('access-control-')) continue;
    const name = lower.replace('access-control-', '');
    const value = headers.values[i] ?? '';
    found[name] = found[name] === undefined ? value : `${found[name]}|${value}`;
  }
  return found;
}

const PREFLIGHT_VARY = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers';

describe('a preflight', () => {
  it('is answered before anything else, with what was asked for', async () => {
    const { preflight } = rig();
    const { reply, fields, served, counted } = await preflight(APP, 'PUT', [
      'Access-Control-Request-Headers',
      'authorization,x-trace',
    ]);
    assert.equal(served, false);
    assert.equal(reply.status, 204);
    assert.equal(reply.body, null);
    assert.deepEqual(fields, {
      vary: PREFLIGHT_VARY,
      'allow-origin': APP,
      'allow-methods': 'GET, PUT',
      'allow-headers': 'authorization, x-trace',
      'max-age': '600',
    });
    assert.deepEqual(counted, ['cors allowed']);
  });

  it('of a strange origin is told nothing', async () => {
    const { preflight } = rig({ credentials: true, privateNetwork: true });
    for (const origin of ['https://evil.example', 'null', '', `${APP}.evil.example`, `${APP}, ${APP}`]) {
      const { reply, fields, served, counted } = await preflight(origin, 'PUT');
      assert.equal(served, false);
      assert.equal(reply.status, 204);
      assert.deepEqual(fields, { vary: `${PREFLIGHT_VARY}, Access-Control-Request-Private-Network` });
      assert.deepEqual(counted, ['cors denied origin']);
    }
  });

  it('with two origins is one of a strange origin', async () => {
    const { ask } = rig();
    const { fields } = await ask('OPTIONS', [
      ['Origin', APP],
      ['Origin', 'https://evil.example'],
      ['Access-Control-Request-Method', 'PUT'],
    ]);
    assert.deepEqual(fields, { vary: PREFLIGHT_VARY });
  });

  const methods: readonly (readonly [
    configured: readonly string[],
    ofRoute: readonly string[],
    asked: string,
    allowed: string,
    counted: string,
  ])[] = [
    [[], ['GET', 'PUT'], 'PUT', 'GET, PUT', 'allowed'],
    [[], ['GET', 'PUT'], 'DELETE', 'GET, PUT', 'denied method'],
    [[], ['GET', 'PUT'], 'put', 'GET, PUT', 'denied method'],
    [['PATCH'], ['GET', 'PUT'], 'PUT', 'PATCH', 'denied method'],
    [['PATCH'], ['GET', 'PUT'], 'PATCH', 'PATCH', 'allowed'],
    [['PATCH'], [], 'PUT', 'PATCH', 'denied method'],
    // Browsers use these whatever the answer says.
    [['PATCH'], ['PATCH'], 'GET', 'PATCH', 'allowed'],
    [['PATCH'], ['PATCH'], 'POST', 'PATCH', 'allowed'],
    [[], [], 'PURGE', 'PURGE', 'allowed'],
  ];
  for (const [configured, ofRoute, asked, allowed, counted] of methods) {
    const where = `[${configured.join()}] on a route with [${ofRoute.join()}]`;
    it(`for ${asked} is told ${allowed} by ${where}`, async () => {
      const answer = await rig({ methods: configured }, ofRoute).preflight(APP, asked);
      assert.equal(answer.fields['allow-methods'], allowed);
      assert.deepEqual(answer.counted, [`cors ${counted}`]);
    });
  }

  const headers: readonly (readonly [
    configured: readonly string[],
    asked: string | null,
    allowed: string | undefined,
    counted: string,
  ])[] = [
    [['x-a', 'x-b'], null, undefined, 'allowed'],
    [['x-a', 'x-b'], '', undefined, 'allowed'],
    [['x-a', 'x-b'], 'x-a', 'x-a', 'allowed'],
    [['x-a', 'x-b'], 'X-B , x-a', 'x-b, x-a', 'allowed'],
    [['X-A'], 'x-a', 'x-a', 'allowed'],
    [['x-a', 'x-b'], 'x-a,x-c', 'x-a', 'denied headers'],
    [[], 'x-a', undefined, 'denied headers'],
    [['*'], 'authorization,x-a', 'authorization, x-a', 'allowed'],
    [['*'], 'x-a,b c', 'x-a', 'denied headers'],
    [['*'], '<script>', undefined, 'denied headers'],
    [['x-a'], '*', undefined, 'denied headers'],
  ];
  for (const [configured, asked, allowed, counted] of headers) {
    it(`with ${JSON.stringify(asked)} is told ${allowed ?? 'nothing'} by [${configured.join()}]`, async () => {
      const { preflight } = rig({ headers: configured });
      const more: Fields = asked === null ? [] : [['Access-Control-Request-Headers', asked]];
      const answer = await preflight(APP, 'PUT', ...more);
      assert.equal(answer.fields['allow-headers'], allowed);
      assert.deepEqual(answer.counted, [`cors ${counted}`]);
    });
  }

  it('learns of credentials together with its own origin only', async () => {
    const named = await rig({ credentials: true }).preflight(APP, 'PUT');
    assert.equal(named.fields['allow-origin'], APP);
    assert.equal(named.fields['allow-credentials'], 'true');
    for (const credentials of [true, false]) {
      const all = await rig({ origins: ['*'], credentials }).preflight(APP, 'PUT');
      assert.equal(all.fields['allow-origin'], '*');
      assert.equal(all.fields['allow-credentials'], undefined);
    }
  });

  it('from a public page to a private network is told so, if the route allows it', async () => {
    const asked = ['Access-Control-Request-Private-Network', 'true'] as const;
    const yes = await rig({ privateNetwork: true }).preflight(APP, 'PUT', asked);
    assert.equal(yes.fields['allow-private-network'], 'true');
    assert.deepEqual(yes.counted, ['cors allowed']);
    const no = await rig().preflight(APP, 'PUT', asked);
    assert.equal(no.fields['allow-private-network'], undefined);
    assert.deepEqual(no.counted, ['cors denied private-network']);
    const unasked = await rig({ privateNetwork: true }).preflight(APP, 'PUT');
    assert.equal(unasked.fields['allow-private-network'], undefined);
  });

  it('counts time in whole seconds', async () => {
    assert.equal((await rig({ maxAgeMs: 1999 }).preflight(APP, 'PUT')).fields['max-age'], '1');
    assert.equal((await rig({ maxAgeMs: 0 }).preflight(APP, 'PUT')).fields['max-age'], '0');
  });

  const others: readonly (readonly [what: string, method: string, fields: Fields])[] = [
    [
      'another method',
      'GET',
      [
        ['Origin', APP],
        ['Access-Control-Request-Method', 'PUT'],
      ],
    ],
    ['no origin', 'OPTIONS', [['Access-Control-Request-Method', 'PUT']]],
    ['no method that is asked for', 'OPTIONS', [['Origin', APP]]],
    [
      'what is no method',
      'OPTIONS',
      [
        ['Origin', APP],
        ['Access-Control-Request-Method', 'P T'],
      ],
    ],
    [
      'an empty method',
      'OPTIONS',
      [
        ['Origin', APP],
        ['Access-Control-Request-Method', ''],
      ],
    ],
    [
      'too long a method',
      'OPTIONS',
      [
        ['Origin', APP],
        ['Access-Control-Request-Method', 'P'.repeat(33)],
      ],
    ],
  ];
  for (const [what, method, fields] of others) {
    it(`is no request with ${what}`, async () => assert.ok((await rig().ask(method, fields)).served));
  }
});

describe('the reply to a request of a script', () => {
  it('is opened to its origin, and nothing else changes', async () => {
    const { ask } = rig({ exposeHeaders: ['x-total', 'etag'], credentials: true });
    const sent = headersOf(['Content-Type', 'text/plain'], ['X-Total', '3']);
    const { reply, fields, counted } = await ask('GET', [['Origin', APP]], { headers: sent });
    assert.deepEqual(fields, {
      vary: 'Origin',
      'allow-origin': APP,
      'allow-credentials': 'true',
      'expose-headers': 'x-total, etag',
    });
    assert.equal(reply.body, 'hi');
    assert.equal(reply.headers.get('x-total'), '3');
    assert.deepEqual(counted, ['cors allowed']);
    assert.equal(sent.size, 2);
  });

  it('names the origin as it was written', async () => {
    const { fields } = await rig().ask('GET', [['Origin', 'https://A.Wild.Example']]);
    assert.equal(fields['allow-origin'], 'https://A.Wild.Example');
  });

  it('is opened to all where all may come, also without an origin, and caches need to keep only one', async () => {
    const { ask } = rig({ origins: ['*'], exposeHeaders: ['etag'], credentials: true });
    for (const fields of [[], [['Origin', 'https://evil.example']], [['Origin', 'null']]] as Fields[]) {
      assert.deepEqual((await ask('GET', fields)).fields, { 'allow-origin': '*', 'expose-headers': 'etag' });
    }
  });

  it('is opened to null only where that is listed', async () => {
    assert.deepEqual((await rig().ask('GET', [['Origin', 'null']])).fields, { vary: 'Origin' });
    const { fields } = await rig({ origins: ['null'] }).ask('GET', [['Origin', 'null']]);
    assert.equal(fields['allow-origin'], 'null');
  });

  it('stays closed to other origins, which are served all the same, and counted', async () => {
    const { fields, served, counted } = await rig({ exposeHeaders: ['x-total'] }).ask('POST', [
      ['Origin', 'https://evil.example'],
    ]);
    assert.ok(served);
    assert.deepEqual(fields, { vary: 'Origin' });
    assert.deepEqual(counted, ['cors denied origin']);
  });

  it('says that it varies by origin, also without one, and counts nothing then', async () => {
    const { fields, counted } = await rig().ask('GET', []);
    assert.deepEqual(fields, { vary: 'Origin' });
    assert.deepEqual(counted, []);
  });

  it('counts nobody who asks from the site itself', async () => {
    const { fields, counted } = await rig().ask('POST', [['Origin', 'https://api.example.com']]);
    assert.deepEqual(fields, { vary: 'Origin' });
    assert.deepEqual(counted, []);
  });

  const varying: readonly (readonly [service: Fields, vary: string])[] = [
    [[['Vary', 'Accept']], 'Accept, Origin'],
    [[['vary', 'accept, origin']], 'accept, origin'],
    [[['Vary', '*']], '*'],
    [
      [
        ['Vary', 'Accept'],
        ['Vary', 'Accept-Language'],
      ],
      'Accept, Accept-Language, Origin',
    ],
  ];
  for (const [service, vary] of varying) {
    it(`varies by ${vary} where the service says ${service.map(([, value]) => value).join(' and ')}`, async () => {
      const { fields } = await rig().ask('GET', [['Origin', APP]], { headers: headersOf(...service) });
      assert.equal(fields['vary'], vary);
    });
  }

  it('has nothing of what the service says of origins, and nothing twice', async () => {
    const own: Fields = [
      ['Access-Control-Allow-Origin', '*'],
      ['access-control-allow-origin', 'https://evil.example'],
      ['Access-Control-Allow-Credentials', 'true'],
      ['ACCESS-CONTROL-EXPOSE-HEADERS', 'set-cookie'],
      ['Access-Control-Allow-Methods', '*'],
      ['Access-Control-Max-Age', '86400'],
      ['X-Other', '1'],
    ];
    const { ask } = rig();
    const mine = await ask('GET', [['Origin', APP]], { headers: headersOf(...own) });
    assert.deepEqual(mine.fields, { vary: 'Origin', 'allow-origin': APP });
    assert.equal(mine.reply.headers.get('x-other'), '1');
    const strange = await ask('GET', [['Origin', 'https://evil.example']], { headers: headersOf(...own) });
    assert.deepEqual(strange.fields, { vary: 'Origin' });
  });

  it('keeps its headers apart from those of others that share them', async () => {
    const { ask } = rig();
    const headers = headersOf(['Vary', 'Accept']);
    for (let i = 0; i < 3; i++) {
      const { fields } = await ask('GET', [['Origin', APP]], { headers });
      assert.deepEqual(fields, { vary: 'Accept, Origin', 'allow-origin': APP });
    }
    assert.deepEqual(headers.values, ['Accept']);
  });

  for (const status of [204, 304, 401, 404, 429, 500, 503]) {
    it(`has them with status ${status} as well`, async () => {
      const { fields } = await rig().ask('GET', [['Origin', APP]], { status, body: null });
      assert.deepEqual(fields, { vary: 'Origin', 'allow-origin': APP });
    });
  }

  it('is left alone when it is the end of HTTP', async () => {
    const tunnel = { start: () => {} };
    const headers = headersOf(['Access-Control-Allow-Origin', '*']);
    const { reply } = await rig().ask('GET', [['Origin', APP]], { status: 101, headers, tunnel });
    assert.equal(reply.headers, headers);
    assert.equal(headers.size, 1);
  });
});

describe('cors', () => {
  it('is no stage without configuration', () => {
    assert.equal(cors(null, { methods: [] }, { decisions: () => assert.fail() }), null);
  });

  it('changes nothing in report mode, and counts what it would have done', async () => {
    const { ask, preflight } = rig({ mode: 'report' });
    const service = { headers: headersOf(['Access-Control-Allow-Origin', '*']) };
    const table: readonly (readonly [Fields, readonly string[]])[] = [
      [[['Origin', APP]], ['cors allowed']],
      [[['Origin', 'https://evil.example']], ['cors reported origin']],
      [[['Origin', 'https://api.example.com']], []],
      [[], []],
    ];
    for (const [fields, counted] of table) {
      const answer = await ask('GET', fields, service);
      assert.equal(answer.reply.headers, service.headers);
      assert.deepEqual(answer.counted, counted);
    }
    const granted = await preflight(APP, 'PUT');
    assert.ok(granted.served);
    assert.deepEqual(granted.counted, ['cors allowed']);
    const refused = await preflight(APP, 'DELETE');
    assert.ok(refused.served);
    assert.deepEqual(refused.counted, ['cors reported method']);
    assert.deepEqual(refused.fields, {});
  });
});
