import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dateAt, fields } from './rules-testing.ts';
import { askConditionally, hasValidator, isAbout, isSameByHead } from './validation.ts';

const changed = `Last-Modified: ${dateAt(-30)}`;
const since = `if-modified-since: ${dateAt(-30)}`;

describe('askConditionally', () => {
  const theirs = [
    'If-Match: "x"',
    'If-None-Match: "x"',
    'If-Modified-Since: x',
    'If-Range: "x"',
    'Range: bytes=0-',
  ];
  const rows: readonly (readonly [
    stored: readonly string[],
    others: readonly string[],
    asked: readonly string[],
  ])[] = [
    [['ETag: "a"'], [], ['if-none-match: "a"']],
    [['ETag: W/"a"'], [], ['if-none-match: W/"a"']],
    [['ETag: "a"', changed], [], ['if-none-match: "a"', since]],
    [[changed], [], [since]],
    [['ETag: a'], [], []],
    [[], ['"b"', '"c"'], ['if-none-match: "b", "c"']],
    [['ETag: "a"'], ['"b"', '"a"'], ['if-none-match: "a", "b"']],
  ];
  for (const [stored, others, asked] of rows) {
    it(`asks ${JSON.stringify(asked)} for ${JSON.stringify([...stored, ...others])} (RFC 9111 §4.3.1)`, () => {
      const request = fields('Accept: a', ...theirs);
      askConditionally(request, fields(...stored), others);
      const lines = request.names.map(({ lower }, i) => `${lower}: ${request.values[i]}`);
      assert.deepEqual(lines, ['accept: a', ...asked]);
    });
  }

  it('has nothing to ask with without a validator', () => {
    const stored = [['ETag: "a"'], [changed], ['ETag: a'], []];
    assert.deepEqual(
      stored.map((lines) => hasValidator(fields(...lines))),
      [true, true, false, false],
    );
  });

  it('does not ask about more variants than a head takes', () => {
    const request = fields();
    askConditionally(
      request,
      fields(),
      Array.from({ length: 100 }, (_, i) => `"${i}"`),
    );
    assert.equal(request.get('if-none-match')?.split(',').length, 16);
  });
});

describe('isAbout', () => {
  const rows: readonly (readonly [answer: readonly string[], stored: readonly string[], is: boolean])[] = [
    [['ETag: "a"'], ['ETag: "a"'], true],
    [['ETag: W/"a"'], ['ETag: "a"'], true],
    [['ETag: "b"'], ['ETag: "a"'], false],
    [['ETag: "b"', changed], ['ETag: "a"', changed], false],
    [['ETag: "b"'], [changed], false],
    [[changed], ['ETag: "a"', changed], true],
    [[`Last-Modified: ${dateAt(-29)}`], [changed], false],
    [[], ['ETag: "a"'], true],
  ];
  for (const [answer, stored, is] of rows) {
    it(`is ${is} for ${JSON.stringify(answer)} and ${JSON.stringify(stored)} (RFC 9111 §4.3.4)`, () => {
      assert.equal(isAbout(fields(...answer), fields(...stored)), is);
    });
  }
});

describe('isSameByHead', () => {
  const stored = fields('ETag: "a"', changed);
  const rows: readonly (readonly [head: readonly string[], is: boolean])[] = [
    [[], true],
    [['Content-Length: 10', 'ETag: "a"', changed], true],
    [['Content-Length: 11'], false],
    [['ETag: "b"'], false],
    [['ETag: W/"a"'], false],
    [[`Last-Modified: ${dateAt(-29)}`], false],
  ];
  for (const [head, is] of rows) {
    it(`is ${is} for ${JSON.stringify(head)} (RFC 9111 §4.3.5)`, () => {
      assert.equal(isSameByHead(fields(...head), stored, 10), is);
    });
  }
});
