// What is known to have worked against others (RFC 8725 §2, and what was published since), at the door of a route.
import assert from 'node:assert/strict';
import { createHmac, createPublicKey, sign } from 'node:crypto';
import { describe, it } from 'node:test';

import {
  encoded,
  goodClaims,
  judged,
  NOW_S,
  outcomeOf,
  providerConfig,
  requestWith,
  signer,
  stand,
  type Signer,
} from '../../src/identity/tokens/tokens-testing.ts';

const RSA = signer('RS256', 'rsa');
const EC = signer('ES256', 'ec');
const ED = signer('EdDSA', 'ed');
const ATTACKER = signer('RS256', 'attacker');
const CLAIMS = JSON.stringify(goodClaims());

function routeOf(...keys: Signer[]) {
  const { publish, scheme } = stand();
  publish((keys.length === 0 ? [RSA, EC, ED] : keys).map(({ jwk }) => jwk));
  return scheme();
}

/** A token of these parts, which are encoded, with this signature. */
function assembled(header: string | object, payload = CLAIMS, signature = ''): string {
  const head = typeof header === 'string' ? header : JSON.stringify(header);
  return `${encoded(head)}.${encoded(payload)}.${signature}`;
}

/** Signed with a shared secret. */
function withHmac(header: object, secret: string | Buffer): string {
  const signed = assembled(header).slice(0, -1);
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const PUBLIC_PEM = createPublicKey(RSA.privateKey).export({ format: 'pem', type: 'spki' });

/** What is tried, and why it is refused. */
const ATTACKS: readonly (readonly [what: string, token: () => string, reason: string])[] = [
  ['no signature, as it is allowed to say', () => assembled({ alg: 'none' }), 'algorithm'],
  ['no signature, in capitals', () => assembled({ alg: 'NONE' }), 'algorithm'],
  ['no signature, in both', () => assembled({ alg: 'nOnE' }), 'algorithm'],
  ['no signature, with a key', () => assembled({ alg: 'none', kid: 'rsa' }), 'algorithm'],
  ['no algorithm', () => assembled({ kid: 'rsa' }), 'malformed'],
  ['an empty algorithm', () => assembled({ alg: '', kid: 'rsa' }), 'algorithm'],
  ['an algorithm that is a list', () => assembled({ alg: ['RS256'], kid: 'rsa' }), 'malformed'],
  ['an algorithm in small letters', () => RSA.token(goodClaims(), { alg: 'rs256' }), 'algorithm'],
  ['an algorithm with a space', () => RSA.token(goodClaims(), { alg: 'RS256 ' }), 'algorithm'],
  ['an algorithm from the prototype', () => assembled({ alg: 'constructor' }), 'algorithm'],
  ['the public key as a secret', () => withHmac({ alg: 'HS256', kid: 'rsa' }, PUBLIC_PEM), 'algorithm'],
  [
    'the modulus as a secret',
    () => withHmac({ alg: 'HS256', kid: 'rsa' }, Buffer.from(String(RSA.jwk['n']), 'base64url')),
    'algorithm',
  ],
  ['an empty secret', () => withHmac({ alg: 'HS256', kid: 'rsa' }, ''), 'algorithm'],
  ['RSA for a key of a curve', () => RSA.token(goodClaims(), { kid: 'ec' }), 'algorithm'],
  ['PSS for a key that is for PKCS #1', () => signer('PS256', 'rsa').token(goodClaims()), 'algorithm'],
  ['a longer hash than the key is for', () => signer('RS512', 'rsa').token(goodClaims()), 'algorithm'],
  ['another curve than the key is on', () => EC.token(goodClaims(), { alg: 'ES384' }), 'algorithm'],
  ['Ed448 for an Ed25519 key', () => ED.token(goodClaims(), { alg: 'Ed448' }), 'algorithm'],

  ['a key in the header', () => ATTACKER.token(goodClaims(), { kid: 'rsa', jwk: ATTACKER.jwk }), 'signature'],
  [
    'a key in the header and none by name',
    () => ATTACKER.token(goodClaims(), { kid: undefined, jwk: ATTACKER.jwk }),
    'signature',
  ],
  [
    'an address of keys in the header',
    () => ATTACKER.token(goodClaims(), { kid: 'rsa', jku: 'https://evil.example.com/keys.json' }),
    'signature',
  ],
  [
    'an address of certificates in the header',
    () => ATTACKER.token(goodClaims(), { kid: 'rsa', x5u: 'https://evil.example.com/chain.pem' }),
    'signature',
  ],
  [
    'certificates in the header',
    () => ATTACKER.token(goodClaims(), { kid: 'rsa', x5c: ['MIIB'] }),
    'signature',
  ],
  [
    'a path as the name of the key',
    () => ATTACKER.token(goodClaims(), { kid: '../../dev/null' }),
    'unknown-key',
  ],
  [
    'SQL as the name of the key',
    () => ATTACKER.token(goodClaims(), { kid: "x' UNION SELECT 'secret" }),
    'unknown-key',
  ],
  [
    'a command as the name of the key',
    () => ATTACKER.token(goodClaims(), { kid: 'x|whoami' }),
    'unknown-key',
  ],
  [
    'a member of the prototype as the name of the key',
    () => RSA.token(goodClaims(), { kid: '__proto__' }),
    'unknown-key',
  ],
  ['an empty name of the key', () => RSA.token(goodClaims(), { kid: '' }), 'unknown-key'],
  ['a name of the key that is a list', () => RSA.token(goodClaims(), { kid: ['rsa'] }), 'malformed'],
  [
    'a name of the key that is too long',
    () => RSA.token(goodClaims(), { kid: 'k'.repeat(257) }),
    'malformed',
  ],
  ['another’s signature', () => ATTACKER.token(goodClaims(), { kid: 'rsa' }), 'signature'],

  ['a blank signature', () => assembled({ alg: 'ES256', kid: 'ec' }, CLAIMS, 'A'.repeat(86)), 'signature'],
  ['no signature at all', () => assembled({ alg: 'RS256', kid: 'rsa' }), 'signature'],
  ['a signature in DER', () => der(), 'signature'],
  ['a signature that is cut off', () => EC.token(goodClaims()).slice(0, -2), 'signature'],
  ['a signature with something after it', () => `${RSA.token(goodClaims())}AAAA`, 'signature'],
  ['the signature of another token', () => transplanted(), 'signature'],

  ['an encrypted token', () => `${encoded('{"alg":"dir","enc":"A256GCM"}')}.a.b.c.d`, 'encrypted'],
  ['four parts', () => `${RSA.token(goodClaims())}.x`, 'opaque'],
  ['six parts', () => `${RSA.token(goodClaims())}.x.y.z`, 'opaque'],
  ['two parts', () => RSA.token(goodClaims()).split('.', 2).join('.'), 'opaque'],
  ['JSON serialization', () => encoded('{"payload":"e30","signatures":[]}'), 'opaque'],
  [
    'padding',
    () => RSA.token(goodClaims()).replace(/\.[^.]*$/, (signature) => `${signature}==`),
    'malformed',
  ],
  ['base64 with plus and slash', () => RSA.token(goodClaims()).replace(/.$/, '+'), 'malformed'],
  ['bits that are left over in the signature', () => trailing(), 'malformed'],
  ['an empty header', () => `.${encoded(CLAIMS)}.AAAA`, 'opaque'],
  ['an empty payload', () => RSA.raw('{"alg":"RS256","kid":"rsa"}', ''), 'malformed'],
  ['a payload that is a list', () => RSA.raw('{"alg":"RS256","kid":"rsa"}', `[${CLAIMS}]`), 'malformed'],
  ['a payload that is a text', () => RSA.raw('{"alg":"RS256","kid":"rsa"}', '"x"'), 'malformed'],
  ['a payload that is not JSON', () => RSA.raw('{"alg":"RS256","kid":"rsa"}', '{iss:1}'), 'malformed'],
  ['a header that is a list', () => RSA.raw('["RS256"]', CLAIMS), 'opaque'],
  [
    'a token in a token',
    () => RSA.raw('{"alg":"RS256","kid":"rsa","cty":"JWT"}', RSA.token(goodClaims())),
    'malformed',
  ],

  ['two algorithms', () => RSA.raw('{"alg":"none","kid":"rsa","alg":"RS256"}', CLAIMS), 'malformed'],
  [
    'two algorithms, one of them escaped',
    () => RSA.raw('{"alg":"none","kid":"rsa","\\u0061lg":"RS256"}', CLAIMS),
    'malformed',
  ],
  [
    'two expiries',
    () => RSA.raw('{"alg":"RS256","kid":"rsa"}', CLAIMS.replace('{', '{"exp":1,')),
    'malformed',
  ],
  [
    'two claims further inside',
    () => RSA.raw('{"alg":"RS256","kid":"rsa"}', CLAIMS.replace('{', '{"a":{"b":1,"b":2},')),
    'malformed',
  ],
  ['deep lists', () => nested('[', ']', 17), 'malformed'],
  ['deeper objects than anybody’s stack', () => nested('{"a":', '}', 700, '1'), 'malformed'],
  [
    'half of a surrogate pair',
    () => RSA.raw('{"alg":"RS256","kid":"rsa"}', CLAIMS.replace('alice', '\\ud800')),
    'malformed',
  ],
  ['a header of more than 1 KiB', () => RSA.token(goodClaims(), { filler: 'x'.repeat(1024) }), 'malformed'],
  ['a token of more than 8 KiB', () => RSA.token(goodClaims({ filler: 'x'.repeat(8192) })), 'credentials'],

  [
    'an extension that must be understood',
    () => RSA.token(goodClaims(), { crit: ['exp'], exp: 1 }),
    'critical',
  ],
  ['an empty list of extensions', () => RSA.token(goodClaims(), { crit: [] }), 'critical'],
  ['extensions that are null', () => RSA.token(goodClaims(), { crit: null }), 'critical'],
  ['a payload that is not encoded', () => RSA.token(goodClaims(), { b64: false, crit: ['b64'] }), 'critical'],
  ['a payload that is not encoded, in passing', () => RSA.token(goodClaims(), { b64: false }), 'critical'],

  ['a proof of possession', () => RSA.token(goodClaims(), { typ: 'dpop+jwt' }), 'type'],
  ['a logout token', () => RSA.token(goodClaims(), { typ: 'logout+jwt' }), 'type'],
  ['a security event', () => RSA.token(goodClaims(), { typ: 'secevent+jwt' }), 'type'],
  ['a type that is a list', () => RSA.token(goodClaims(), { typ: ['JWT'] }), 'malformed'],
  ['another issuer', () => RSA.token(goodClaims({ iss: 'https://evil.example.com' })), 'issuer'],
  ['another audience', () => RSA.token(goodClaims({ aud: ['billing'] })), 'audience'],
  ['an expiry in the past', () => RSA.token(goodClaims({ exp: NOW_S - 31 })), 'expired'],
  [
    'an expiry that never comes',
    () => RSA.raw('{"alg":"RS256","kid":"rsa"}', CLAIMS.replace(/"exp":\d+/, '"exp":1e999')),
    'malformed',
  ],
  ['nobody', () => RSA.token(goodClaims({ sub: undefined })), 'claims'],
];

function der(): string {
  const signed = assembled({ alg: 'ES256', kid: 'ec' }).slice(0, -1);
  return `${signed}.${sign('sha256', Buffer.from(signed), EC.privateKey).toString('base64url')}`;
}

/** Claims of one token with the signature of another. */
function transplanted(): string {
  const [, , signature = ''] = RSA.token(goodClaims({ sub: 'mallory' })).split('.');
  return assembled({ alg: 'RS256', kid: 'rsa' }, CLAIMS, signature);
}

/** An ES256 signature ends in a character of which four bits are left over. */
function trailing(): string {
  const token = EC.token(goodClaims());
  const last = token.at(-1) ?? '';
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return token.slice(0, -1) + (alphabet[alphabet.indexOf(last) + 1] ?? '');
}

function nested(open: string, close: string, depth: number, inside = ''): string {
  const deep = open.repeat(depth) + inside + close.repeat(depth);
  return RSA.raw('{"alg":"RS256","kid":"rsa"}', CLAIMS.replace('{', `{"deep":${deep},`));
}

describe('a route does not let in', () => {
  for (const [what, token, reason] of ATTACKS) {
    it(what, async () => {
      const route = routeOf();
      assert.equal(await judged(route, token()), reason);
      assert.equal(route.recall(requestWith(`Bearer ${token()}`)), null);
    });
  }

  it('who names an algorithm that the provider may not use, although its keys could', async () => {
    const { publish, scheme } = stand();
    publish([RSA.jwk, EC.jwk, ED.jwk]);
    const route = scheme(providerConfig({ algorithms: ['ES256'] }));
    assert.equal(await judged(route, EC.token(goodClaims())), 'welcome alice');
    for (const key of [RSA, ED]) assert.equal(await judged(route, key.token(goodClaims())), 'algorithm');
  });

  it('who signs with a key that is for something else', async () => {
    const { publish, scheme } = stand();
    const route = scheme();
    const others = [
      { use: 'enc' },
      { key_ops: ['sign'] },
      { alg: 'RSA-OAEP' },
      { alg: 'ES256' },
      { d: 'AQAB' },
    ];
    for (const members of others) {
      publish([{ ...RSA.jwk, ...members }, EC.jwk]);
      assert.equal(await judged(route, RSA.token(goodClaims())), 'unknown-key');
    }
  });

  it('who signs with a secret that was published by mistake', async () => {
    const { publish, scheme } = stand();
    publish([{ kty: 'oct', k: encoded('secret'), kid: 'rsa', alg: 'HS256' }, EC.jwk]);
    assert.equal(await judged(scheme(), withHmac({ alg: 'HS256', kid: 'rsa' }, 'secret')), 'algorithm');
  });
});

describe('a route lets in', () => {
  const welcome: readonly (readonly [what: string, token: () => string])[] = [
    ['a token without a type', () => RSA.token(goodClaims())],
    ['a JWT', () => RSA.token(goodClaims(), { typ: 'JWT' })],
    ['a JWT in small letters', () => RSA.token(goodClaims(), { typ: 'jwt' })],
    ['an access token of RFC 9068', () => RSA.token(goodClaims(), { typ: 'at+jwt' })],
    [
      'an access token of RFC 9068, by its full name',
      () => RSA.token(goodClaims(), { typ: 'application/AT+JWT' }),
    ],
    ['a token that says that it is encoded', () => RSA.token(goodClaims(), { b64: true })],
    ['a token that names no key', () => EC.token(goodClaims(), { kid: undefined })],
    [
      'a token with addresses in its header, which nobody follows',
      () => RSA.token(goodClaims(), { jku: 'x', x5t: 'y' }),
    ],
    [
      'a token with claims that we do not know',
      () => ED.token(goodClaims({ nested: { a: [1, null, 'é😀'] } })),
    ],
    ['a token of nearly 8 KiB', () => EC.token(goodClaims({ filler: 'x'.repeat(5900) }))],
    ['a token with space in its JSON', () => RSA.raw('{ "alg" : "RS256",\n"kid":"rsa" }', ` ${CLAIMS}\r\n`)],
  ];
  for (const [what, token] of welcome) {
    it(what, async () => assert.equal(await judged(routeOf(), token()), 'welcome alice'));
  }

  it('nobody who says so in the query', async () => {
    const request = requestWith(null, [], { query: `?access_token=${RSA.token(goodClaims())}` });
    assert.equal(outcomeOf(await routeOf().authenticate(request)), 'anonymous');
  });
});
