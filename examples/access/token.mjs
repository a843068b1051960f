// Stands in for an identity provider: prints an access token that is good for an hour.
//
//   node examples/access/token.mjs '{"tenant":"blue","level":3}'    claims to add, or to have instead of those below
//
// The key is made at the first use. Its public half goes where gateway.yaml looks for the keys of the issuer.
import { createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const folder = new URL('.turnpike/', import.meta.url);
const keyFile = new URL('issuer.pem', folder);
const KEY_ID = 'example-1';

if (!existsSync(keyFile)) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'EdDSA', use: 'sig' };
  writeFileSync(new URL('keys.json', folder), JSON.stringify({ keys: [jwk] }));
}

const now = Math.floor(Date.now() / 1000);
const claims = {
  iss: 'https://login.example.com',
  aud: 'orders-api',
  sub: 'ada',
  client_id: 'web',
  scope: 'orders:read',
  iat: now,
  exp: now + 3600,
  jti: randomUUID(),
  ...JSON.parse(process.argv[2] ?? '{}'),
};
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const text = `${encoded({ alg: 'EdDSA', typ: 'at+jwt', kid: KEY_ID })}.${encoded(claims)}`;
const signature = sign(null, Buffer.from(text), createPrivateKey(readFileSync(keyFile)));
process.stdout.write(`${text}.${signature.toString('base64url')}\n`);
