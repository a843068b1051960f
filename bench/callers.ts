/** Callers with tokens of an identity provider that exists on paper only: its keys are files. */
import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the gateways and the load need to know of them. */
export interface Callers {
  readonly issuer: string;
  readonly audience: string;
  /** Files with the public key of the provider: a JWK set, and a PEM. */
  readonly jwks: string;
  readonly publicKey: string;
  /** One for each caller. */
  readonly tokens: readonly string[];
  /** What a gateway must not take, and why. */
  readonly forged: readonly (readonly [what: string, token: string])[];
}

const issuer = 'https://login.bench.example';
const audience = 'orders';
const count = 1000;
/** Where `load.lua` looks for the tokens: in the working directory of the load. */
const tokensFile = 'tokens.txt';

/** Signs a thousand RS256 tokens, which takes about a second, and writes them to the directory of the load. */
export function makeCallers(directory: string): Callers {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [jwks, pem] = [join(directory, 'jwks.json'), join(directory, 'provider.pem')];
  const key = { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' };
  writeFileSync(jwks, JSON.stringify({ keys: [key] }));
  writeFileSync(pem, publicKey.export({ format: 'pem', type: 'spki' }));
  const tokens = Array.from({ length: count }, (_, index) => signed(claims(index), privateKey));
  writeFileSync(join(directory, tokensFile), `${tokens.join('\n')}\n`);
  return { issuer, audience, jwks, publicKey: pem, tokens, forged: forgeries(privateKey, publicKey) };
}

const kid = 'bench-1';

/** As many claims as providers usually put into an access token. */
function claims(index: number): object {
  const nowS = Math.floor(Date.now() / 1000);
  const subject = `5b1f7c2e-93a4-4d0b-8f6e-${String(index).padStart(12, '0')}`;
  return {
    iss: issuer,
    aud: audience,
    sub: subject,
    iat: nowS,
    exp: nowS + 7200,
    jti: `0f8fad5b-d9cb-469f-a165-${String(index).padStart(12, '0')}`,
    azp: 'web',
    scope: 'openid profile orders:read orders:write',
    sid: subject,
  };
}

function signed(payload: object, key: KeyObject): string {
  const input = unsigned({ alg: 'RS256', typ: 'JWT', kid }, payload);
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}

function unsigned(header: object, payload: object): string {
  return [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
}

function forgeries(key: KeyObject, publicKey: KeyObject): Callers['forged'] {
  const good = claims(0);
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const confused = unsigned({ alg: 'HS256', typ: 'JWT', kid }, good);
  const secret = publicKey.export({ format: 'pem', type: 'spki' });
  return [
    ['signed by somebody else', signed(good, other)],
    ['for somebody else', signed({ ...good, aud: 'users' }, key)],
    ['of another issuer', signed({ ...good, iss: 'https://login.other.example' }, key)],
    ['that has expired', signed({ ...good, exp: 1_700_000_000 }, key)],
    ['without a signature', `${unsigned({ alg: 'none', typ: 'JWT', kid }, good)}.`],
    [
      'signed with the public key',
      `${confused}.${createHmac('sha256', secret).update(confused).digest('base64url')}`,
    ],
  ];
}
