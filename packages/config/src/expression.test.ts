import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import {
  checkExpression,
  compileExpression,
  compileNumber,
  compileText,
  expressionNames,
  type Facts,
  type JsonRecord,
  type Lookup,
} from './expression.ts';

function lookup(values: Readonly<Record<string, string>>): Lookup {
  return { get: (name) => new Map(Object.entries(values)).get(name), names: () => Object.keys(values) };
}

/** As a parser of tokens makes them: without a prototype. */
function claims(json: string): JsonRecord {
  const value = JSON.parse(json, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.assign(Object.create(null), value)
      : value,
  ) as JsonRecord;
  return value;
}

const REQUEST: Facts['request'] = {
  id: 'r-1',
  method: 'GET',
  path: '/users/7',
  host: 'api.example.com',
  scheme: 'https',
  query: lookup({ page: '2' }),
  headers: lookup({ 'x-tenant': 'blue', accept: 'a, b' }),
  params: lookup({ id: '7' }),
  client: '203.0.113.9',
  certificate: '',
  graphql: {},
  listener: 'web',
};

const IDENTITY: NonNullable<Facts['identity']> = {
  method: 'token',
  provider: 'corporate',
  subject: 'u-1',
  consumer: '',
  clientId: 'app',
  scopes: ['users:read', 'users:write'],
  claims: claims(
    '{"level":3,"ratio":1.5,"tenant":"blue","none":null,"roles":["staff"],"realm":{"roles":["a","b"]},"__proto__x":1}',
  ),
  metadata: { tier: 'gold', seats: 5, trial: false },
  plan: 'pro',
};

const FACTS: Facts = {
  request: REQUEST,
  identity: IDENTITY,
  route: 'user',
  now: Date.UTC(2024, 6, 1, 0, 30, 10),
};

function evaluate(text: string, facts: Partial<Facts> = {}): boolean | null {
  assert.equal(checkExpression(text), null, text);
  return compileExpression(text).evaluate({ ...FACTS, ...facts });
}

function inGroups(count: number): typeof IDENTITY {
  return { ...IDENTITY, claims: { groups: Array.from({ length: count }, (_, i) => `g${i}`) } };
}

const TRUE = [
  'identity.claims.level >= 3 && request.method == "GET"',
  'identity.claims.level == 3 && 3 == identity.claims.level && identity.claims.level in [1, 3]',
  'identity.claims.ratio > 1 && identity.claims.ratio < 2u',
  'identity.claims["tenant"] == request.headers["x-tenant"]',
  'identity.claims.none == null',
  '"b" in identity.claims.realm.roles && size(identity.claims.realm.roles) == 2',
  'identity.claims == identity.claims && identity.claims.realm == {"roles": ["a", "b"]}',
  '"users:read" in identity.scopes && !("admin" in identity.scopes)',
  'identity.scopes.exists(s, s.startsWith("users:")) && identity.scopes.all(s, s.size() > 3)',
  'identity.scopes.exists_one(s, s.endsWith(":write"))',
  'identity.scopes.filter(s, s.contains("read")).map(s, s + "!") == ["users:read!"]',
  'identity.metadata.tier == "gold" && identity.metadata.seats == 5 && !identity.metadata.trial',
  'identity != null && identity.plan == "pro" && identity.provider == "corporate"',
  'has(identity.claims.level) && !has(identity.claims.nothing) && has(request.headers.accept)',
  '"x-tenant" in request.headers && !("x-other" in request.headers)',
  'request.headers.exists(name, name == "accept") && request.headers.size() == 2',
  'request.query.page == "2" && request.params.id == "7" && int(request.params.id) == 7',
  'request.host == "api.example.com" && request.scheme == "https" && request.listener == "web"',
  'request.client == "203.0.113.9" && request.id == "r-1" && route == "user"',
  'request.certificate == "" && !(request.certificate != "")',
  'request.path.matches("^/users/[0-9]+$") && !request.path.matches("^/admin")',
  'now > timestamp("2024-06-30T00:00:00Z") && now.getHours() == 0 && now.getDayOfWeek() == 1',
  'now - timestamp(1719793800) == duration("10s")',
  'type(identity.claims.tenant) == string ? true : false',
  'request["method"] == "GET"',
  'identity.claims.nothing == 1 || true',
];

const FALSE = [
  'identity.claims.level > 3',
  'identity == null',
  'request.method == "get"',
  'identity.claims.none == 0',
];

const NOTHING = [
  'identity.claims.nothing == 1',
  'identity.claims.level > "3"',
  'identity.claims.tenant.deeper == 1',
  'request.headers["x-other"] == ""',
  'identity.claims.toString == 1',
  'identity.claims.constructor == 1 || identity.claims.__proto__ == 1',
  'identity.claims.roles[5] == "staff"',
  'identity.claims.level',
  'int(identity.claims.tenant) == 1',
  '1 / 0 == 1',
  'now.getHours("Nowhere/Else") == 0',
];

describe('an expression', () => {
  for (const text of TRUE) it(`is true: ${text}`, () => assert.equal(evaluate(text), true));
  for (const text of FALSE) it(`is false: ${text}`, () => assert.equal(evaluate(text), false));
  for (const text of NOTHING) it(`comes to nothing: ${text}`, () => assert.equal(evaluate(text), null));

  it('sees that there is no identity', () => {
    assert.equal(evaluate('identity == null', { identity: null }), true);
    assert.equal(evaluate('identity != null && identity.claims.level > 1', { identity: null }), false);
    assert.equal(evaluate('identity.claims.level > 1', { identity: null }), null);
    assert.equal(evaluate('has(identity.plan)', { identity: null }), false);
  });

  it('tells which variables it names', () => {
    const { variables } = compileExpression('identity.claims.level >= 3 && request.method == "GET"');
    assert.deepEqual([...variables].sort(), ['identity', 'request']);
    assert.deepEqual([...compileExpression('["now"].exists(x, x == "now")').variables], []);
  });

  it('looks at nothing that it does not name', () => {
    const facts: Facts = {
      route: 'user',
      get request(): never {
        throw new Error('looked at the request');
      },
      get identity(): never {
        throw new Error('looked at the identity');
      },
      get now(): never {
        throw new Error('looked at the clock');
      },
    };
    assert.equal(compileExpression('route == "user" || request.method == "GET"').evaluate(facts), true);
    assert.equal(compileExpression('request.method == "GET"').evaluate(facts), null);
  });

  it('goes through headers only if it has to', () => {
    const headers: Lookup = {
      get: (name) => (name === 'a' ? '1' : undefined),
      names: () => assert.fail('asked for all names'),
    };
    assert.equal(evaluate('request.headers.a == "1"', { request: { ...REQUEST, headers } }), true);
  });

  it('has the time in UTC wherever it runs, also where the local clock skips an hour', () => {
    const before = process.env['TZ'];
    process.env['TZ'] = 'Europe/Berlin';
    try {
      assert.equal(evaluate('now.getDayOfYear() == 182 && now.getDate() == 1 && now.getMonth() == 6'), true);
      const skipped = Date.UTC(2026, 2, 29, 2, 30, 0, 5);
      const text = 'now.getHours() == 2 && now.getMinutes() == 30 && now.getMilliseconds() == 5';
      assert.equal(evaluate(text, { now: skipped }), true);
      assert.equal(evaluate('now.getHours("Europe/Berlin") == 2 && now.getFullYear() == 2024'), true);
    } finally {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    }
  });

  it('does not go through more than 500 items, because a part could give another result', () => {
    assert.equal(evaluate('"g499" in identity.claims.groups', { identity: inGroups(500) }), true);
    assert.equal(evaluate('"g0" in identity.claims.groups', { identity: inGroups(501) }), null);
    const names = Array.from({ length: 501 }, (_, i) => `q${i}`);
    const query: Lookup = { get: () => '', names: () => names };
    assert.equal(evaluate('request.query.exists(q, q == "q0")', { request: { ...REQUEST, query } }), null);
    assert.equal(evaluate('request.query.q0 == ""', { request: { ...REQUEST, query } }), true);
  });

  it('survives claims that are nested thousands deep', () => {
    const depth = 20_000;
    const deep = JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as JsonRecord[string];
    const identity = { ...IDENTITY, claims: { deep } };
    assert.equal(evaluate('identity.claims.deep == [1]', { identity }), null);
  });

  it('does not take members of prototypes for its own', () => {
    const claims = JSON.parse('{"a":1}') as JsonRecord;
    const text =
      'has(identity.claims.a) && !has(identity.claims.toString) && !("constructor" in identity.claims)';
    assert.equal(evaluate(text, { identity: { ...IDENTITY, claims } }), true);
  });
});

const PROBLEMS: readonly (readonly [text: string, problem: string])[] = [
  ['', 'breaks off (column 1)'],
  ['1 +', 'cannot be read from `+` on (column 3)'],
  ['a b', 'cannot be read from `b` on (column 3)'],
  ['true &&\n  route == = 1', 'cannot be read from `== = 1` on (line 2, column 9)'],
  ['"abc', 'cannot be read from `"abc` on (column 1)'],
  ['whoami == 1', 'has no variable `whoami` (column 1)'],
  ['true && requst.method == "GET"', 'has no variable `requst`; did you mean `request`? (column 9)'],
  ['request.methd == "GET"', 'has no field `methd`; did you mean `method`?'],
  ['.request.methd == "GET"', 'has no field `methd`; did you mean `method`?'],
  ['has(identity.sub)', 'has no field `sub`'],
  ['identity.claim.level == 1', 'has no field `claim`; did you mean `claims`?'],
  ['constructor == 1', 'has no variable `constructor`'],
  ['__proto__ == null', 'has no variable `__proto__`'],
  ['request.path.startWith("/")', 'has no function `startWith`; did you mean `startsWith`?'],
  ['request.path.startsWith()', '`startsWith` is not called like this'],
  ['startsWith(request.path, "/")', '`startsWith` is not called like this'],
  ['optional.of(1) == 1', 'has no function `of`'],
  ['identity.scopes.exists(s)', 'has no function `exists`'],
  ['request.path.matches("(")', 'has a pattern that is no regular expression'],
  ['request.path.matches("(?=a)")', 'has a pattern that is no regular expression'],
  ['request.path.matches(request.headers.x)', '`matches` takes a pattern that is written out'],
  ['google.protobuf.Timestamp{seconds: 1} == now', 'has no message `google.protobuf.Timestamp`'],
  ['"GET"', 'is never true or false'],
  ['request.method', 'is never true or false'],
  ['size(request.path)', 'is never true or false'],
  ['identity.scopes.map(s, s)', 'is never true or false'],
  ['identity', 'is never true or false'],
  [`route == "${'x'.repeat(4096)}"`, 'is longer than 4096 characters'],
  [`${'('.repeat(51)}true${')'.repeat(51)}`, 'is nested too deeply'],
  [`${'true ? true : '.repeat(280)}true`, 'has more than 500 parts'],
  [Array.from({ length: 300 }, () => 'true').join('&&'), 'has more than 500 parts'],
  ['[1].exists(a, [1].exists(b, [1].exists(c, a == b)))', 'has macros nested more than 2 deep'],
  ['identity.scopes.exists(a, request.headers.exists(b, a == b))', 'steps for one request'],
  [
    'identity.scopes.exists(a, ["x", "y"].exists(b, request.path.matches("(x|y)")) || a in identity.claims.a || a in identity.claims.b)',
    'steps for one request',
  ],
];

describe('the check of an expression', () => {
  for (const [text, problem] of PROBLEMS) {
    it(`refuses ${text.slice(0, 60)}`, () => {
      const found = checkExpression(text);
      assert.ok(found?.includes(problem), `${found} should have: ${problem}`);
      assert.throws(() => compileExpression(text), { name: 'ExpressionProblem' });
    });
  }

  it('takes what is costly in small numbers', () => {
    const fine = [
      `route == "${'('.repeat(60)}" || route == '${'['.repeat(60)}\\'('`,
      `${'('.repeat(50)}true${')'.repeat(50)}`,
      'request.headers.exists(h, ["x-a", "x-b"].exists(prefix, h.startsWith(prefix)))',
      'identity.claims.groups.exists(g, g in identity.claims.allowed)',
      'identity.scopes.filter(s, s != "").map(s, s + "x").exists(s, s.matches("^a+$"))',
    ];
    for (const text of fine) assert.equal(checkExpression(text), null);
  });

  it('knows variables of macros only inside of them', () => {
    assert.equal(checkExpression('[1].exists(x, x == 1)'), null);
    assert.match(checkExpression('[1].exists(x, x == 1) && x == 1') ?? '', /no variable `x`/);
    assert.match(checkExpression('[1].exists(route, route == 1)') ?? '', /has another `route` beside/);
  });
});

const RESPONSE = { status: 200, headers: lookup({ 'x-tokens': '42', 'x-cost': '2.5', 'x-id': 'a1' }) };

describe('an amount', () => {
  const amounts = [
    ['5', 5],
    ['2.5', 2.5],
    ['3u', 3],
    ['request.method == "GET" ? 1 : 10', 1],
    ['size(request.path)', 8],
    ['identity.claims.level * 2.0', 6],
    ['response.status == 200 ? 1 : 0', 1],
    ['response.headers["x-tokens"]', 42],
    ['response.header["x-tokens"]', 42],
    ['double(response.headers["x-cost"]) * 2.0', 5],
    ['response.headers["x-id"]', null],
    ['response.headers["x-missing"]', null],
    ['-1', null],
    ['1.0 / 0.0', null],
    ['identity.claims.roles', null],
  ] as const;
  for (const [text, amount] of amounts) {
    it(`is ${amount} for ${text}`, () => {
      assert.equal(checkExpression(text, 'number', 'response'), null);
      assert.equal(compileNumber(text).evaluate({ ...FACTS, response: RESPONSE }), amount);
    });
  }

  it('is nothing where it is about a response that there is not', () => {
    assert.equal(compileNumber('response.status').evaluate(FACTS), null);
  });

  const never = [
    'true',
    '"5"',
    'request.method',
    'request.headers',
    'now',
    'route',
    '1 == 1',
    'true || false',
  ];
  for (const text of never)
    it(`is never ${text}`, () => assert.equal(checkExpression(text, 'number'), 'is never a number'));
});

describe('a part of a key', () => {
  const texts = [
    ['request.method', 'GET'],
    ['route', 'user'],
    ['request.path.startsWith("/users")', 'true'],
    ['identity.claims.level', '3'],
    ['request.headers["x-tenant"] + "|" + request.method', 'blue|GET'],
    ['request.headers["x-missing"]', null],
    ['identity.claims.roles', null],
  ] as const;
  for (const [text, part] of texts) {
    it(`is ${part} for ${text}`, () => {
      assert.equal(checkExpression(text, 'text'), null);
      assert.equal(compileText(text).evaluate(FACTS), part);
    });
  }

  for (const text of ['request', 'request.query', 'identity.scopes', 'now', '[1]', '{"a": 1}'])
    it(`is never ${text}`, () => assert.match(checkExpression(text, 'text') ?? '', /^is never text/));
});

describe('the response', () => {
  it('can be named only where there is one', () => {
    assert.match(checkExpression('response.status == 200') ?? '', /no variable `response`/);
    assert.match(checkExpression('response.staus', 'number', 'response') ?? '', /mean `status`/);
  });

  it('is told apart from a text that says so', () => {
    assert.ok(expressionNames('response', 'response.status + 1'));
    assert.ok(!expressionNames('response', 'request.headers["response"]'));
    assert.ok(!expressionNames('response', 'response.status +'));
  });
});

/** What expressions are made of, and what should not be in them. */
const SCRAP =
  'request identity route now response .status .header .method .claims .scopes .level ["x"] [0] [ ] ( ) { } , : ? "a" \'b\' b"c" 1 -1 1u 1.5 null true ' +
  'false == != < >= && || ! in + - * / % .exists( .map( .filter( .all( x x, has( size( .matches( "(" int( timestamp( ' +
  'duration( .getHours( type( .a __proto__ \\ \n // .startsWith( [1,2] {"a":1} dyn( string( bytes(';

it('whatever the text is, it is refused or gives true, false or nothing', () => {
  const text = fc
    .array(fc.constantFrom(...SCRAP.split(' '), ' '), { maxLength: 14 })
    .map((parts) => parts.join(''));
  const wrapped = fc.oneof(
    text,
    text.map((inner) => `[1, "a", request, identity].exists(x, ${inner})`),
    text.map((inner) => `request == ${inner}`),
    fc.string({ maxLength: 40 }),
  );
  fc.assert(
    fc.property(wrapped, (text) => {
      const facts = { ...FACTS, response: RESPONSE };
      if (checkExpression(text, 'number', 'response') === null) {
        const amount = compileNumber(text).evaluate(facts);
        if (amount !== null && !(amount >= 0 && amount < Infinity)) return false;
      }
      if (checkExpression(text, 'text') === null) compileText(text).evaluate(facts);
      const problem = checkExpression(text);
      if (problem !== null) return problem !== '';
      return [true, false, null].includes(compileExpression(text).evaluate(facts));
    }),
    { numRuns: 3000 },
  );
});
