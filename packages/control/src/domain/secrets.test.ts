import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fieldsOf } from './fields.ts';
import type { JsonObject, ObjectRef } from './objects.ts';
import type { Sealer } from './sealer.ts';
import { hide, keepHidden, openDocument, sealDocument } from './secrets.ts';

const consumer: ObjectRef = { kind: 'consumers', name: 'acme' };
const ACME: JsonObject = {
  keys: ['first-key-of-16-chars', '${env:KEY}', { key: 'second-key-of-16-chars', expires: '2030-01-01' }],
  basic: [
    { username: 'a', password: 'pass-a' },
    { username: 'b', password: '${env:B:-pass-b}' },
  ],
  metadata: { secret: 'no secret' },
};

const sealer: Sealer = {
  seal: (text, { kind, name, pointer }) => `sealed:${kind}/${name}${pointer}:${text}`,
  open: (sealed, { kind, name, pointer }) => {
    const prefix = `sealed:${kind}/${name}${pointer}:`;
    assert.ok(sealed.startsWith(prefix), sealed);
    return sealed.slice(prefix.length);
  },
  isSealed: (text) => text.startsWith('sealed:'),
};

describe('secrets of documents', () => {
  it('are hidden wherever the schema has them, references are not', () => {
    assert.deepEqual(hide(consumer, ACME), {
      keys: ['***', '${env:KEY}', { key: '***', expires: '2030-01-01' }],
      basic: [
        { username: 'a', password: '***' },
        { username: 'b', password: '***' },
      ],
      metadata: { secret: 'no secret' },
    });
    const provider: JsonObject = {
      issuer: 'https://a',
      client: { clientId: 'a', clientSecret: 'hidden' },
      login: { clientId: 'a', clientKey: 'hidden', session: { secret: ['hidden', 'hidden'] } },
    };
    assert.doesNotMatch(JSON.stringify(hide({ kind: 'identityProviders' }, provider)), /hidden/);
    const service: JsonObject = { discovery: { consul: 'http://a', service: 'a', token: 'hidden' } };
    assert.doesNotMatch(JSON.stringify(hide({ kind: 'services' }, service)), /hidden/);
  });

  it('are sealed once, each for its place, and opened again', () => {
    const sealed = sealDocument(consumer, ACME, sealer);
    assert.doesNotMatch(JSON.stringify(sealed), /"(first|second|pass)-/);
    assert.match(JSON.stringify(sealed), /sealed:consumers\/acme\/basic\/0\/password:pass-a/);
    assert.deepEqual(sealDocument(consumer, sealed, sealer), sealed);
    assert.deepEqual(openDocument(consumer, sealed, sealer), ACME);
    assert.equal(openDocument(consumer, sealed, sealer), openDocument(consumer, sealed, sealer));
  });

  it('are not copied where there are none', () => {
    const list: JsonObject = { addresses: ['10.0.0.0/8'] };
    assert.equal(hide({ kind: 'lists' }, list), list);
    const odd = JSON.parse('{"metadata":{"__proto__":"a"},"keys":["a-key"]}') as JsonObject;
    assert.equal(JSON.stringify(hide(consumer, odd)), '{"metadata":{"__proto__":"a"},"keys":["***"]}');
  });

  it('are kept by who writes back what was shown', () => {
    assert.deepEqual(keepHidden(consumer, hide(consumer, ACME), ACME), { document: ACME, missing: [] });
    const turned = {
      basic: [
        { username: 'b', password: '***' },
        { username: 'c', password: 'new' },
      ],
    };
    assert.deepEqual(keepHidden(consumer, turned, ACME).document['basic'], [
      { username: 'b', password: '${env:B:-pass-b}' },
      { username: 'c', password: 'new' },
    ]);
    const longer = keepHidden(consumer, { keys: ['***', 'another-key-of-16'] }, { keys: ['a'] });
    assert.deepEqual(longer, { document: { keys: ['a', 'another-key-of-16'] }, missing: [] });
  });

  for (const [what, document, before] of [
    ['there is nothing before', { keys: ['***'] }, null],
    ['there was none before', { keys: ['***'] }, {}],
    ['it might be either of two', { keys: ['***'] }, { keys: ['a', 'b'] }],
    ['it is a reference now', { keys: ['***', '***'] }, { keys: ['a'] }],
  ] as const) {
    it(`are told to be missing when ${what}`, () => {
      const { missing } = keepHidden(consumer, document, before);
      assert.equal(missing.length, 1, missing.join());
    });
  }
});

describe('fieldsOf', () => {
  const change = (before: object | null, after: object | null) =>
    fieldsOf({ ...consumer, before: before as JsonObject | null, after: after as JsonObject | null });

  it('tells members that came, went and changed', () => {
    assert.deepEqual(
      change(
        { plan: 'a', scopes: ['x'], metadata: { a: 1, 'b/c': 2 } },
        { plan: 'b', metadata: { a: 1 }, basic: [] },
      ),
      [
        { path: '/plan', before: 'a', after: 'b' },
        { path: '/scopes', before: ['x'] },
        { path: '/metadata/b~1c', before: 2 },
        { path: '/basic', after: [] },
      ],
    );
    assert.deepEqual(change({ a: 1, b: { c: 1, d: 2 } }, { b: { d: 2, c: 1 }, a: 1 }), []);
  });

  it('goes into lists of objects, and shows no secret', () => {
    assert.deepEqual(
      change(
        { keys: ['old'], basic: [{ username: 'a', password: 'x' }] },
        {
          keys: ['new'],
          basic: [
            { username: 'a', password: 'y' },
            { username: 'b', password: 'z' },
          ],
        },
      ),
      [
        { path: '/keys', before: ['***'], after: ['***'] },
        { path: '/basic/0/password', before: '***', after: '***' },
        { path: '/basic/1', after: { username: 'b', password: '***' } },
      ],
    );
    assert.deepEqual(change(null, { keys: ['a'] }), [{ path: '', after: { keys: ['***'] } }]);
    assert.deepEqual(change({ keys: ['a'] }, null), [{ path: '', before: { keys: ['***'] } }]);
  });
});
