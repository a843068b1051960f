import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { loadConfig } from '@turnpike/config/load';
import { auditIssues } from './audit.ts';

const USERS = 'services: { users: { endpoints: [http://127.0.0.1:9001] } }\n';
const LOCAL = 'listeners: { web: { address: "127.0.0.1:8080" }, other: { address: "127.0.0.1:8081" } }\n';
const WAREHOUSE = 'consumers: { acme: { keys: ["${env:KEY}"] } }\n';

/** What is said of a document, as `pointer message`. */
async function saidOf(text: string): Promise<string[]> {
  const files = {
    read: (path: string) =>
      path === resolve('gateway.yaml') ? Promise.resolve(Buffer.from(text)) : Promise.reject(new Error(path)),
    list: () => Promise.resolve(null),
  };
  const env = { KEY: '0123456789abcdef0123' };
  const { config, issues, written } = await loadConfig(['gateway.yaml'], { files, env });
  assert.ok(config !== null, issues.map(({ message }) => message).join('\n'));
  return auditIssues(config, written).map(({ pointer, code, message }) => `${pointer} ${code} ${message}`);
}

/** A route with these policies, for those who are on this machine. */
function policies(text: string, more = ''): string {
  return `${LOCAL}${USERS}${WAREHOUSE}routes: { a: { match: { path: /a${more} }, service: users, policies: { ${text} } } }\n`;
}

/** A route for a consumer with metadata. */
function members(text: string): string {
  const consumers = 'consumers: { acme: { keys: ["${env:KEY}"], metadata: { tier: gold } } }\n';
  const route = `match: { path: /a }, service: users, policies: { authenticate: { with: consumers }, ${text} }`;
  return `${LOCAL}${USERS}${consumers}routes: { a: { ${route} } }\n`;
}

function routes(...matches: readonly string[]): string {
  const all = matches.map((match, index) => `  ${'abc'[index]}: { match: { ${match} }, service: users }\n`);
  return `${LOCAL}${USERS}routes:\n${all.join('')}`;
}

const CASES: readonly (readonly [name: string, text: string, said: RegExp | null])[] = [
  [
    'a route that asks for any value goes before one for a certain value',
    routes('path: /x, headers: { v: "*" }', 'path: /x, headers: { v: "1" }'),
    /^\/routes\/b\/match NO_EFFECT routes\.b: gets no request, because routes\.a/,
  ],
  [
    'a route on all listeners by name goes before one that names none',
    routes('path: "/x/{id}"', 'path: "/x/{name}", listeners: [web, other]'),
    /^\/routes\/a\/match NO_EFFECT .*routes\.b/,
  ],
  ['a route on some listeners leaves the others', routes('path: /x', 'path: /x, listeners: [web]'), null],
  [
    'a host that is named goes before any host',
    routes('path: /x, hosts: [a.example]', 'path: /x, listeners: [web, other]'),
    null,
  ],
  ['a route with a method leaves the others', routes('path: /x, methods: [GET]', 'path: /x'), null],
  ['another path is another route', routes('path: /x/*', 'path: "/x/{id}"'), null],
  [
    'a match without anything in it',
    `${LOCAL}${USERS}routes:\n  a:\n    match:\n    service: users\n`,
    /^\/routes\/a\/match NO_EFFECT .* takes every request/,
  ],
  ['a parameter of another program', routes('path: "/x/:id"'), /path NO_EFFECT .*write \{id\}/],
  ['a colon within a segment', routes('path: "/x/y:cancel"'), null],
  [
    'a group of another program',
    `${LOCAL}${USERS}routes: { a: { match: { path: /x/* }, service: users, rewrite: { path: /$1 } } }\n`,
    /^\/routes\/a\/rewrite\/path NO_EFFECT .*\$1/,
  ],
  [
    'metadata that no consumer has, in a rule',
    members('authorize: { rule: "identity.metadata.teir == \'gold\'" }'),
    /^\/routes\/a\/policies\/authorize\/rule NO_EFFECT .*"teir"; did you mean tier\?/,
  ],
  [
    'metadata that no consumer has, in the key of a limit',
    members('rateLimit: [{ limit: 5, per: 1m, by: "metadata:team" }]'),
    /^\/routes\/a\/policies\/rateLimit\/0\/by NO_EFFECT .*"team"/,
  ],
  [
    'metadata that a consumer has',
    members("authorize: { rule: \"identity.metadata['tier'] == 'gold'\" }"),
    null,
  ],
  [
    'metadata of consumers that may be in the database',
    `${members('authorize: { rule: "identity.metadata.team == \'x\'" }')}stores: { database: { url: "sqlite:./x.db" } }\n`,
    null,
  ],
  [
    'a limit behind a tighter one',
    policies('rateLimit: [{ limit: 10, per: 1m, by: ip }, { limit: 1000, per: 1h, by: ip }]'),
    /^\/routes\/a\/policies\/rateLimit\/1 NO_EFFECT .*1000\/1h is never reached, because 10\/1m/,
  ],
  [
    'a limit over a longer time',
    policies('rateLimit: [{ limit: 10, per: 1m, by: ip }, { limit: 100, per: 1h, by: ip }]'),
    null,
  ],
  [
    'a limit of another key',
    policies('rateLimit: [{ limit: 10, per: 1m, by: ip }, { limit: 1000, per: 1h, by: host }]'),
    null,
  ],
  [
    'addresses that are let in and denied',
    policies('ipAccess: { allow: [10.1.0.0/16], deny: [10.0.0.0/8] }'),
    /^\/routes\/a\/policies\/ipAccess\/allow NO_EFFECT .*10\.1\.0\.0\/16/,
  ],
  [
    'the same in IPv6',
    policies('ipAccess: { allow: ["2001:db8:1::/48"], deny: ["2001:db8::/32"] }'),
    /2001:db8:1::\/48/,
  ],
  [
    'addresses of which some are denied',
    policies('ipAccess: { allow: [10.0.0.0/8], deny: [10.6.6.0/24] }'),
    null,
  ],
  [
    'a limit of bodies where none come',
    policies('limits: { bodyBytes: 1KiB }', ', methods: [GET]'),
    /^\/routes\/a\/policies\/limits\/bodyBytes NO_EFFECT/,
  ],
  [
    'a limit of bodies where they come',
    policies('limits: { bodyBytes: 1KiB }', ', methods: [GET, PUT]'),
    null,
  ],
  [
    'a cache for what is never kept',
    policies('cache: { defaultTtl: 1m }', ', methods: [POST]'),
    /^\/routes\/a\/policies\/cache NO_EFFECT/,
  ],
  [
    'a method for pages that the route does not take',
    policies('cors: { origins: [https://a.example], methods: [GET, PUT] }', ', methods: [GET]'),
    /^\/routes\/a\/policies\/cors\/methods NO_EFFECT .*PUT/,
  ],
  [
    'keys in the query',
    policies('authenticate: { with: consumers, apiKeyFrom: ["query:key"] }'),
    /^\/routes\/a\/policies\/authenticate\/apiKeyFrom INSECURE/,
  ],
  ['keys in a header', policies('authenticate: { with: consumers }'), null],
  [
    'a watchman who only reports',
    policies('authenticate: { with: consumers, mode: report }'),
    /^\/routes\/a\/policies\/authenticate\/mode INSECURE/,
  ],
  [
    'who cannot ask lets in',
    policies('authorize: { external: { url: "http://127.0.0.1:9191", onFailure: allow } }'),
    /onFailure INSECURE/,
  ],
  [
    'pages over http with credentials',
    policies('cors: { origins: [http://a.example], credentials: true }'),
    /^\/routes\/a\/policies\/cors\/origins INSECURE/,
  ],
  [
    'pages of this machine',
    policies('cors: { origins: ["http://localhost:5173"], credentials: true }'),
    null,
  ],
  [
    'what the defaults say is told once',
    `${LOCAL}${USERS}defaults: { policies: { cors: { origins: [http://a.example], credentials: true } } }\nroutes: { a: { match: { path: /a }, service: users }, b: { match: { path: /b }, service: users } }\n`,
    /^\/defaults\/policies\/cors\/origins INSECURE defaults: /,
  ],
  [
    'an admin API on the network',
    `${LOCAL}${USERS}routes: { a: { match: { path: /a }, service: users } }\nadmin: { address: "0.0.0.0:9901", tokens: [{ token: "\${env:KEY}", role: admin }] }\n`,
    /^\/admin\/address INSECURE/,
  ],
  [
    'proxies that are everybody',
    `listeners: { web: { address: "127.0.0.1:8080", trustedProxies: [0.0.0.0/0] } }\n${USERS}routes: { a: { match: { path: /a }, service: users } }\n`,
    /^\/listeners\/web\/trustedProxies INSECURE/,
  ],
  [
    'keys over plain HTTP',
    `${USERS}${WAREHOUSE}routes: { a: { match: { path: /a }, service: users, policies: { authenticate: { with: consumers } } } }\n`,
    /^\/listeners\/web INSECURE .*routes\.a/,
  ],
  [
    'bodies without end',
    policies('limits: { bodyBytes: 2048MiB }'),
    /^\/routes\/a\/policies\/limits\/bodyBytes INSECURE/,
  ],
  [
    'a key in the file',
    `${LOCAL}${USERS}consumers: { acme: { keys: [0123456789abcdef0123] } }\nroutes: { a: { match: { path: /a }, service: users, policies: { authenticate: { with: consumers } } } }\n`,
    /^\/consumers\/acme\/keys\/0 INSECURE consumers\.acme\.keys\[0\]/,
  ],
  [
    'addresses of stores, one of them with a password',
    `${LOCAL}${USERS}routes: { a: { match: { path: /a }, service: users } }\nstores: { redis: { url: ["redis://a:1", "redis://a:hush@b"], cluster: true }, database: { url: "postgres://db/turnpike" } }\n`,
    /^\/stores\/redis\/url\/1 INSECURE/,
  ],
  [
    'a digest in the file',
    `${LOCAL}${USERS}consumers: { acme: { keys: ["sha256:204a1b2333a84079d7f73cb36ce6233a90fc92a20e9d9ebd42def89d8fe6af9a"] } }\nroutes: { a: { match: { path: /a }, service: users, policies: { authenticate: { with: consumers } } } }\n`,
    null,
  ],
];

describe('what check warns of', () => {
  for (const [name, text, said] of CASES)
    it(`${name}: ${said === null ? 'nothing is said' : 'it is told'}`, async () => {
      const found = await saidOf(text);
      assert.equal(found.length, said === null ? 0 : 1, found.join('\n'));
      if (said !== null) assert.match(found[0] ?? '', said);
    });
});
