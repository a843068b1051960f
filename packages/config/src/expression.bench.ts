// What an evaluation costs. Run: node packages/config/src/expression.bench.ts
import { compileExpression, type Facts, type Lookup } from './expression.ts';

const nothing: Lookup = { get: () => undefined, names: () => [] };
const names = Array.from({ length: 500 }, (_, i) => `name-${i}`);
const many: Lookup = { get: (name) => name, names: () => names };

/** A new object for every request, as in the gateway. */
function factsOf(i: number): Facts {
  return {
    request: {
      id: `r-${i}`,
      method: 'GET',
      path: `/users/${i}`,
      host: 'api.example.com',
      scheme: 'https',
      query: many,
      headers: { get: (name) => (name === 'x-tenant' ? 'blue' : undefined), names: () => ['x-tenant'] },
      params: nothing,
      client: '203.0.113.9',
      certificate: '',
      graphql: {},
      listener: 'web',
    },
    identity: {
      method: 'token',
      provider: 'corporate',
      subject: 'u-1',
      consumer: '',
      clientId: 'app',
      scopes: ['users:read', 'users:write'],
      claims: { level: 5, tenant: 'blue', groups: names },
      metadata: {},
      plan: '',
    },
    route: 'user',
    now: 1_700_000_000_000 + i,
  };
}

function measure(text: string, times: number): void {
  const { evaluate } = compileExpression(text);
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    for (let i = 0; i < times; i++) evaluate(factsOf(i));
    best = Math.min(best, ((performance.now() - start) * 1000) / times);
  }
  process.stdout.write(`${best.toFixed(2).padStart(10)} µs  ${text}\n`);
}

measure('true', 300_000);
measure('identity.claims.level >= 3 && request.method == "GET"', 300_000);
measure('identity.claims.tenant == request.headers["x-tenant"]', 300_000);
measure('"users:write" in identity.scopes', 300_000);
measure('request.path.matches("^/users/[0-9]+$")', 100_000);
measure('now.getHours() >= 8', 100_000);
measure('identity.claims.nothing == 1', 50_000);
// About the most that the bound lets through.
measure('identity.claims.groups.exists(g, !(g in identity.claims.groups))', 20);
measure('request.query.filter(q, q != "").map(q, q + "x").exists(q, q == "")', 50);
