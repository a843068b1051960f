import { compileExpression } from '@turnpike/config/expression';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuthorizeConfig } from '@turnpike/config';
import { manualClock } from '@turnpike/testkit';
import { headersOf } from '../../core/headers.ts';
import { callerOf } from '../../core/identity-testing.ts';
import type { Claims, Identity } from '../../core/identity.ts';
import { authorizeBench, callOf, problemOf } from './authorize-testing.ts';
import { authorize } from './authorize.ts';

const NOBODY = null;

/** What comes of a policy for a caller: the status and what was counted. */
async function outcome(
  policy: Partial<AuthorizeConfig>,
  identity: Identity | null,
  fields: Parameters<typeof callOf>[1] = {},
): Promise<string> {
  const bench = authorizeBench(manualClock());
  const reply = await bench.run(policy, callOf(identity, fields));
  return `${reply.status} ${bench.counted.join(', ').replace('authorize ', '')}`;
}

describe('scopes', () => {
  const table: readonly (readonly [Partial<AuthorizeConfig>, string[], string])[] = [
    [{ scopes: ['a'] }, ['a'], '200 allowed'],
    [{ scopes: ['a', 'b'] }, ['b', 'c', 'a'], '200 allowed'],
    [{ scopes: ['a', 'b'] }, ['a'], '403 denied scopes'],
    [{ scopes: ['a'] }, [], '403 denied scopes'],
    [{ scopes: ['a'] }, ['A', 'a:b', 'aa'], '403 denied scopes'],
    [{ anyScope: ['a', 'b'] }, ['b'], '200 allowed'],
    [{ anyScope: ['a', 'b'] }, ['c'], '403 denied any-scope'],
    [{ scopes: ['a'], anyScope: ['b'] }, ['a', 'b'], '200 allowed'],
    [{ scopes: ['a'], anyScope: ['b'] }, ['b'], '403 denied scopes'],
    [{ scopes: ['a'], anyScope: ['b'] }, ['a'], '403 denied any-scope'],
    [{}, [], '200 allowed'],
  ];
  for (const [policy, scopes, expected] of table) {
    it(`${JSON.stringify(policy)} for ${JSON.stringify(scopes)} is ${expected}`, async () => {
      assert.equal(await outcome(policy, callerOf({ scopes })), expected);
    });
  }
});

describe('claims', () => {
  const claims: Claims = Object.assign(Object.create(null), {
    tenant: 'blue',
    level: 3,
    admin: true,
    number: 42,
    roles: ['staff', 'sales'],
    realm_access: { roles: ['admin'], depth: { deeper: 'x' } },
    'https://example.com/role': 'boss',
    scope: 'read write',
    scp: 'tasks.read tasks.write',
    spaced: 'read write',
    nothing: null,
    empty: '',
    none: [],
  });
  const table: readonly (readonly [path: string[], values: (string | number | boolean)[], isMet: boolean])[] =
    [
      [['tenant'], ['blue'], true],
      [['tenant'], ['red', 'blue'], true],
      [['tenant'], ['Blue'], false],
      [['level'], [3], true],
      [['level'], ['3'], false],
      [['admin'], [true], true],
      [['admin'], ['true'], false],
      [['admin'], [false], false],
      [['roles'], ['sales'], true],
      [['roles'], ['sal'], false],
      [['roles', '0'], ['staff'], false],
      [['roles', 'length'], [2], false],
      [['realm_access', 'roles'], ['admin'], true],
      [['realm_access', 'depth', 'deeper'], ['x'], true],
      [['realm_access', 'nothing', 'deeper'], ['x'], false],
      [['realm_access'], ['[object Object]'], false],
      [['https://example.com/role'], ['boss'], true],
      [['scope'], ['write'], true],
      [['scope'], ['read write'], false],
      [['scp'], ['tasks.read'], true],
      [['spaced'], ['read'], false],
      [['spaced'], ['read write'], true],
      [['nothing'], ['null'], false],
      [['empty'], [''], true],
      [['none'], [''], false],
      [['missing'], [''], false],
      [['toString'], [''], false],
      [['constructor', 'name'], ['Object'], false],
      [['__proto__'], ['x'], false],
      [['tenant'], ['{header.x-tenant}'], true],
      [['tenant'], ['{header.X-Tenant}'], true],
      [['tenant'], ['{header.x-other}'], false],
      [['tenant'], ['{query.tenant}'], true],
      [['number'], ['{query.number}'], true],
      [['level'], ['{query.number}'], false],
      [['tenant'], ['{header.x-tenant}{header.x-other}'], false],
    ];
  for (const [path, values, isMet] of table) {
    it(`${path.join('.')} is ${isMet ? '' : 'not '}one of ${JSON.stringify(values)}`, async () => {
      const fields = { headers: headersOf(['X-Tenant', 'blue']), query: '?tenant=blue&number=42' };
      const expected = isMet ? '200 allowed' : '403 denied claims';
      assert.equal(await outcome({ claims: [{ path, values }] }, callerOf({ claims }), fields), expected);
    });
  }

  it('all have to hold', async () => {
    const rules = [
      { path: ['tenant'], values: ['blue'] },
      { path: ['level'], values: [4] },
    ];
    assert.equal(await outcome({ claims: rules }, callerOf({ claims })), '403 denied claims');
    assert.equal(await outcome({ claims: rules.slice(0, 1) }, callerOf({ claims })), '200 allowed');
  });
});

describe('a rule', () => {
  const caller = callerOf({ claims: { level: 3 } });
  const table: readonly (readonly [rule: string, Identity | null, string])[] = [
    ['identity.claims.level >= 3 && request.method == "GET"', caller, '200 allowed'],
    ['identity.claims.level > 3', caller, '403 denied rule'],
    ['identity.claims.missing > 3', caller, '403 denied rule-error'],
    ['request.headers["x-missing"] == ""', caller, '403 denied rule-error'],
    ['identity == null', NOBODY, '200 allowed'],
    ['identity != null', NOBODY, '403 denied rule'],
    ['identity.claims.level > 3', NOBODY, '403 denied rule-error'],
    ['route == "orders" && request.listener == "public" && request.scheme == "https"', NOBODY, '200 allowed'],
    ['request.client == "203.0.113.9" && request.host == "api.example.com"', NOBODY, '200 allowed'],
    ['request.path == "/v1/orders" && request.id == "r-1"', NOBODY, '200 allowed'],
    [
      'request.query.a == "1" && request.query["b c"] == "d e" && size(request.query) == 2',
      NOBODY,
      '200 allowed',
    ],
    ['request.headers["x-two"] == "1, 2" && request.headers.exists(n, n == "x-two")', NOBODY, '200 allowed'],
    ['size(request.headers) == 2 && !("x-none" in request.headers)', NOBODY, '200 allowed'],
    ['now == timestamp("2023-11-14T22:13:20Z")', NOBODY, '200 allowed'],
  ];
  for (const [rule, identity, expected] of table) {
    it(`${rule} for ${identity === null ? 'nobody' : 'somebody'} is ${expected}`, async () => {
      const headers = headersOf(['User-Agent', 'curl'], ['X-Two', '1'], ['x-two', '2']);
      assert.equal(await outcome({ rule }, identity, { headers, query: '?a=1&a=2&b+c=d%20e' }), expected);
    });
  }

  it('has the parameters of the path decoded, and refuses those that are no text', async () => {
    const bench = authorizeBench(manualClock());
    const exchange = callOf(NOBODY);
    exchange.params = ['a%2Fb%20c', '%FF'];
    const rule = 'request.params.id == "a/b c" && size(request.params) == 2';
    assert.equal((await bench.run({ rule }, exchange, ['id', 'rest'])).status, 200);
    assert.equal(
      (await bench.run({ rule: 'request.params.rest == ""' }, exchange, ['id', 'rest'])).status,
      403,
    );
    assert.deepEqual(bench.counted, ['authorize allowed', 'authorize denied rule-error']);
  });
});

const uncounted = (): never => assert.fail('nothing is to be counted');

describe('authorize', () => {
  it('is not there without a configuration', () => {
    const { decisionPoints } = authorizeBench(manualClock());
    const clock = manualClock();
    const ports = { decisions: uncounted, clock, decisionPoints, compileExpression, challenges: [] };
    assert.equal(authorize(null, { route: 'r', names: [] }, ports), null);
  });

  it('asks callers without credentials for those, before scopes and claims', async () => {
    for (const policy of [
      { scopes: ['a'] },
      { anyScope: ['a'] },
      { claims: [{ path: ['b'], values: [1] }] },
    ]) {
      const reply = await authorizeBench(manualClock()).run(policy, callOf(NOBODY));
      assert.equal(reply.code, 'UNAUTHENTICATED');
      assert.equal(reply.headers.get('www-authenticate'), 'Bearer realm="turnpike"');
    }
  });

  it('asks for those that the route takes, and no others', async () => {
    const bench = authorizeBench(manualClock());
    bench.challenges = ['Basic realm="turnpike"', 'ApiKey realm="turnpike", in="header", name="x-api-key"'];
    const nobody = await bench.run({ scopes: ['a'] }, callOf(NOBODY));
    assert.deepEqual(
      nobody.headers.values.filter((_, i) => nobody.headers.names[i]?.lower === 'www-authenticate'),
      bench.challenges,
    );
    for (const method of ['key', 'basic', 'certificate', 'session'] as const) {
      const reply = await bench.run({ scopes: ['a'] }, callOf({ ...callerOf(), method }));
      assert.deepEqual([reply.status, reply.headers.get('www-authenticate')], [403, undefined], method);
    }
    const bound = { ...callerOf(), claims: { cnf: { jkt: 'x' } } };
    const reply = await bench.run({ scopes: ['a'] }, callOf(bound));
    assert.equal(reply.headers.get('www-authenticate'), 'DPoP error="insufficient_scope", scope="a"');
  });

  it('names the scopes that are missing, and the rule that refused', async () => {
    const bench = authorizeBench(manualClock());
    const scopes = await bench.run({ scopes: ['users:read', 'b'] }, callOf(callerOf()));
    assert.equal(
      scopes.headers.get('www-authenticate'),
      'Bearer error="insufficient_scope", scope="users:read b"',
    );
    assert.equal(problemOf(scopes)['rule'], 'authorize.scopes');
    const some = await bench.run({ anyScope: ['x', 'y'] }, callOf(callerOf()));
    assert.equal(some.headers.get('www-authenticate'), 'Bearer error="insufficient_scope", scope="x y"');
    assert.equal(problemOf(some)['rule'], 'authorize.anyScope');
    const claim = await bench.run(
      { claims: [{ path: ['realm_access', 'roles'], values: ['admin'] }] },
      callOf(callerOf()),
    );
    assert.equal(problemOf(claim)['rule'], 'authorize.claims.realm_access.roles');
    assert.equal(claim.headers.get('www-authenticate'), undefined);
    const rule = await bench.run({ rule: 'false' }, callOf(callerOf()));
    assert.equal(problemOf(rule)['rule'], 'authorize.rule');
    assert.equal(rule.code, 'FORBIDDEN');
  });

  it('tells nothing of the caller and of what was sent', async () => {
    const caller = callerOf({
      scopes: ['secret-scope'],
      claims: { tenant: 'secret-tenant' },
      subject: 'secret-name',
    });
    const bench = authorizeBench(manualClock());
    for (const policy of [
      { scopes: ['a'] },
      { claims: [{ path: ['tenant'], values: ['{header.x-tenant}'] }] },
      { rule: 'identity.claims.tenant == request.headers["x-tenant"] && identity.claims.x == 1' },
    ]) {
      const reply = await bench.run(
        policy,
        callOf(caller, { headers: headersOf(['X-Tenant', 'secret-header']) }),
      );
      assert.equal(reply.status, 403);
      assert.doesNotMatch(String(reply.body), /secret/);
    }
  });

  it('looks at the cheap things first', async () => {
    const bench = authorizeBench(manualClock());
    const policy = {
      scopes: ['a'],
      anyScope: ['b'],
      claims: [{ path: ['c'], values: [1] }],
      rule: 'false',
    };
    await bench.run(policy, callOf(callerOf()));
    await bench.run(policy, callOf(callerOf({ scopes: ['a'] })));
    await bench.run(policy, callOf(callerOf({ scopes: ['a', 'b'] })));
    await bench.run(policy, callOf(callerOf({ scopes: ['a', 'b'], claims: { c: 1 } })));
    assert.deepEqual(bench.counted, [
      'authorize denied scopes',
      'authorize denied any-scope',
      'authorize denied claims',
      'authorize denied rule',
    ]);
  });

  it('only counts in report mode', async () => {
    const bench = authorizeBench(manualClock());
    const mode = 'report';
    for (const policy of [
      { scopes: ['a'] },
      { anyScope: ['a'] },
      { rule: 'false' },
      { rule: 'identity.plan == 1 / 0' },
    ]) {
      const reply = await bench.run({ ...policy, mode }, callOf(callerOf()));
      assert.equal(reply.status, 200);
      assert.equal(reply.headers.get('x-served'), 'yes');
    }
    await bench.run({ mode, claims: [{ path: ['a'], values: [1] }] }, callOf(NOBODY));
    await bench.run({ mode, scopes: ['a'] }, callOf(callerOf({ scopes: ['a'] })));
    assert.deepEqual(bench.counted, [
      'authorize reported scopes',
      'authorize reported any-scope',
      'authorize reported rule',
      'authorize reported rule-error',
      'authorize reported claims',
      'authorize allowed',
    ]);
  });
});
