import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_DEPTH, readJson } from './json-text.ts';

const read = (text: string) => readJson(Buffer.from(text));

describe('JSON that a caller sends', () => {
  it('is read when it is JSON', () => {
    assert.deepEqual(read('{"a":[1,"]}{[",null]}'), { ok: true, value: { a: [1, ']}{[', null] } });
    assert.deepEqual(read('"\\""'), { ok: true, value: '"' });
  });

  for (const [what, text, message] of [
    ['no JSON', '{', /not JSON/],
    ['nothing', '', /not JSON/],
    ['a member __proto__', '{"a":{"__proto__":{"b":1}}}', /__proto__/],
    ['__proto__ in other letters', '{"\\u005f_proto__":1}', /__proto__/],
    ['deeper than a document may be', `${'['.repeat(MAX_DEPTH + 1)}${']'.repeat(MAX_DEPTH + 1)}`, /deeper/],
    ['a bomb of brackets', '['.repeat(1_000_000), /deeper/],
  ] as const) {
    it(`is refused when it is ${what}`, () => {
      const refused = read(text);
      assert.match(refused.ok ? '' : refused.message, message);
    });
  }

  it('is refused when it is no UTF-8', () => {
    assert.equal(readJson(Uint8Array.of(0x22, 0xff, 0x22)).ok, false);
  });

  it('may be as deep as that', () => {
    assert.equal(read(`${'['.repeat(MAX_DEPTH)}${']'.repeat(MAX_DEPTH)}`).ok, true);
  });
});
