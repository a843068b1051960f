import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasIssues, issuesAt, pointerTo, renamed, withAt } from './document.ts';
import { readText, written } from './text.ts';

describe('changes of a document', () => {
  const document = { a: { list: [1, 2, 3], b: true }, z: 'last' };
  const cases = [
    ['sets a key', ['a', 'b'], false, { a: { list: [1, 2, 3], b: false }, z: 'last' }],
    ['sets an entry', ['a', 'list', 1], 9, { a: { list: [1, 9, 3], b: true }, z: 'last' }],
    ['takes an entry out', ['a', 'list', 0], undefined, { a: { list: [2, 3], b: true }, z: 'last' }],
    ['takes a key out', ['z'], undefined, { a: { list: [1, 2, 3], b: true } }],
    ['makes what is missing', ['new', 'deep'], 1, { ...document, new: { deep: 1 } }],
  ] as const;
  for (const [name, path, value, expected] of cases)
    it(`${name}, and leaves what was given alone`, () => {
      const before = structuredClone(document);
      assert.deepEqual(withAt(document, path, value), expected);
      assert.deepEqual(document, before);
    });

  it('gives an entry another name in its place', () => {
    assert.deepEqual(Object.keys(renamed({ one: 1, two: 2, three: 3 }, 'two', 'zwei')), [
      'one',
      'zwei',
      'three',
    ]);
  });
});

it('issues are found by their place (RFC 6901)', () => {
  const path = ['match', 'headers', 'a/b~c'];
  assert.equal(pointerTo(path), '/match/headers/a~1b~0c');
  const issues = [{ message: 'no', pointer: '/match/headers/a~1b~0c' }];
  assert.equal(issuesAt(issues, path).length, 1);
  assert.ok(hasIssues(issues, ['match']));
  assert.ok(!hasIssues(issues, ['mat']));
});

describe('a document as text', () => {
  it('is the same again in both notations', () => {
    const document = { match: { path: '/a', methods: ['GET'] }, policies: { timeout: '5s', cors: 'off' } };
    for (const notation of ['yaml', 'json'] as const) {
      const read = readText(written(document, notation), notation);
      assert.deepEqual(read, { ok: true, document });
    }
  });

  it('says why it is none', () => {
    assert.equal(readText('match: [', 'yaml').ok, false);
    assert.equal(readText('{', 'json').ok, false);
  });

  it('does not unfold a bomb of aliases', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x]',
      ...['b', 'c', 'd', 'e', 'f', 'g'].map(
        (name, i) => `${name}: &${name} [${Array(8).fill(`*${'abcdef'[i]}`).join(',')}]`,
      ),
    ].join('\n');
    assert.equal(readText(bomb, 'yaml').ok, false);
  });
});
