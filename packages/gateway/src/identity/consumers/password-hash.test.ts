import assert from 'node:assert/strict';
import { argon2Sync, scryptSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { isPlainPassword, isSlowPassword, readPassword } from './password-hash.ts';

const SALT = Buffer.from('some salt of ours');

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

function scryptText(password: string): string {
  const hash = scryptSync(password, SALT, 32, { N: 16, r: 8, p: 2 });
  return `$scrypt$ln=4,r=8,p=2$${base64(SALT)}$${base64(hash)}`;
}

function argon2Text(password: string): string {
  const options = { memory: 64, passes: 2, parallelism: 2, tagLength: 24 };
  const hash = argon2Sync('argon2id', { ...options, message: password, nonce: SALT });
  return `$argon2id$v=19$m=64,t=2,p=2$${base64(SALT)}$${base64(hash)}`;
}

async function isRight(text: string, password: string): Promise<boolean> {
  const hash = readPassword(text);
  return hash.kind === 'plain' ? isPlainPassword(hash, password) : isSlowPassword(hash, password);
}

describe('a kept password', () => {
  const kinds = {
    'in plain text': (text: string) => text,
    'by scrypt': scryptText,
    'by argon2id': argon2Text,
  };
  for (const [kind, keep] of Object.entries(kinds)) {
    it(`${kind} is met by itself only`, async () => {
      const kept = keep('größer: $1 "x"');
      assert.equal(await isRight(kept, 'größer: $1 "x"'), true);
      for (const wrong of ['', 'größer: $1 "x" ', 'Größer: $1 "x"', kept === 'größer: $1 "x"' ? 'x' : kept])
        assert.equal(await isRight(kept, wrong), false);
    });
  }

  it('is the published one of RFC 7914', async () => {
    const salt = base64(Buffer.from('SodiumChloride'));
    const hash =
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887';
    const text = `$scrypt$ln=14,r=8,p=1$${salt}$${base64(Buffer.from(hash, 'hex'))}`;
    assert.equal(await isRight(text, 'pleaseletmein'), true);
    assert.equal(await isRight(text, 'pleaseletmeout'), false);
  });

  it('does not show itself', () => {
    assert.ok(!JSON.stringify(readPassword('a secret')).includes('a secret'));
  });

  const salt = 'c2FsdHNhbHQ';
  const hash = 'c2FsdHNhbHRzYWx0c2FsdA';
  const refused = [
    `$scrypt$ln=0,r=8,p=1$${salt}$${hash}`,
    `$scrypt$ln=22,r=8,p=1$${salt}$${hash}`,
    `$scrypt$ln=4,r=0,p=1$${salt}$${hash}`,
    `$scrypt$ln=4,r=8,p=0$${salt}$${hash}`,
    `$scrypt$ln=4,r=8,p=99$${salt}$${hash}`,
    `$scrypt$ln=4,r=8,p=1$c2Fsd$${hash}`,
    `$scrypt$ln=4,r=8,p=1$${salt}$c2FsdA`,
    `$scrypt$ln=4,r=8,p=1$${salt}=$${hash}`,
    `$scrypt$ln=4,r=8,p=1$${salt}`,
    `$scrypt$r=8,p=1$${salt}$${hash}`,
    `$argon2id$v=16$m=64,t=1,p=1$${salt}$${hash}`,
    `$argon2id$v=19$m=7,t=1,p=1$${salt}$${hash}`,
    `$argon2id$v=19$m=999999,t=1,p=1$${salt}$${hash}`,
    `$argon2id$v=19$m=64,t=0,p=1$${salt}$${hash}`,
    `$argon2id$v=19$m=64,t=99,p=1$${salt}$${hash}`,
    `$argon2id$v=19$m=64,t=1,p=0$${salt}$${hash}`,
    `$argon2i$v=19$m=64,t=1,p=1$${salt}$${hash}`,
    `$2b$12$${salt}${hash}`,
  ];
  for (const text of refused) {
    it(`is not read: ${text}`, () => assert.throws(() => readPassword(text), /malformed PHC string/));
  }
});
