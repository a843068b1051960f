import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { readJson } from './json-text.ts';
import { utf8Text } from './utf8.ts';

function keywordOf(text: string): string {
  const json = readJson(text);
  return json.ok ? 'ok' : json.keyword;
}

function nested(depth: number): string {
  return `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`;
}

describe('readJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        assert.deepEqual(readJson(text), { ok: true, value: JSON.parse(text) });
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a name that is twice in one object, however it is written', () => {
    for (const text of [
      '{"a":1,"a":2}',
      '{"a":1,"\\u0061":2}',
      '[{"b":{"a":[],"c":0,"a":{}}}]',
      '{"__proto__":1,"__proto__":2}',
    ])
      assert.equal(keywordOf(text), 'duplicate', text);
    for (const text of [
      '{"a":{"a":{"a":1}}}',
      '[{"a":1},{"a":1}]',
      '{"a":"\\"a\\":1","b":":"}',
      '{"a:":"{[:\\\\"}',
    ])
      assert.equal(keywordOf(text), 'ok', text);
  });

  it('refuses what is nested more than 200 levels deep, without looking further', () => {
    assert.equal(keywordOf(nested(200)), 'ok');
    assert.equal(keywordOf(nested(202)), 'depth');
    assert.equal(keywordOf('['.repeat(1_000_000)), 'depth');
    assert.equal(keywordOf(`"${'['.repeat(1000)}"`), 'ok');
  });

  it('refuses what is no JSON, and quotes nothing of it', () => {
    for (const text of [
      '',
      ' ',
      '{',
      '}',
      '{"a"}',
      "{'a':1}",
      '[1,]',
      'secret',
      '\ufeff{}',
      '{"a":1}x',
      '"\n"',
      '01',
      'NaN',
    ])
      assert.deepEqual(readJson(text), { ok: false, keyword: 'syntax', problem: 'must be JSON' }, text);
  });

  it('makes properties of names that objects have by themselves', () => {
    const json = readJson('{"__proto__":{"isAdmin":true}}');
    assert.ok(json.ok);
    assert.ok(Object.hasOwn(json.value as object, '__proto__'));
    assert.equal((json.value as { isAdmin?: boolean }).isAdmin, undefined);
  });

  it('never throws', () => {
    const noise = fc.string({
      unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', 'a', '1', ' ', 'u'),
    });
    fc.assert(
      fc.property(noise, (text) => void readJson(text)),
      { numRuns: 1000 },
    );
  });
});

const bytes = (text: string): string => Buffer.from(text).toString('latin1');

describe('utf8Text', () => {
  it('is the text that the bytes are in UTF-8, or nothing', () => {
    for (const text of ['', 'abc', 'äöü', '😀', '\ufeff{}']) assert.equal(utf8Text(bytes(text)), text);
    for (const wrong of ['\xff', '\xc3', '\xc0\x80', '\xed\xa0\x80', '\xf4\x90\x80\x80'])
      assert.equal(utf8Text(wrong), null);
  });
});
