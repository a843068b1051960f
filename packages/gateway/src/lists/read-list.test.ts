import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { anyBlock } from '../core/addresses/addresses-testing.ts';
import { compileAddresses } from '../core/addresses/compile-addresses.ts';
import { MAX_ENTRIES, readList } from './read-list.ts';

/** How many addresses were read, or what is wrong. */
function outcome(text: string): number | string {
  const read = readList(text);
  if (read.kind === 'read') return read.addresses.size;
  return read.kind === 'empty' ? `empty${read.isSaid ? ', and says so' : ''}` : read.problem;
}

describe('reading a list', () => {
  const table: readonly (readonly [what: string, text: string, outcome: number | string])[] = [
    ['lines', '10.0.0.0/8\n::1\n192.0.2.1', 3],
    ['all kinds of line ends', '10.0.0.1\r\n10.0.0.2\r10.0.0.3\n\n\r\n10.0.0.4\r\n', 4],
    ['comments and blank lines', '# head\n; head\n\n  \t\n10.0.0.1 # one\n10.0.0.2;two\n10.0.0.3#three', 3],
    ['what stands behind an address', '1.10.16.0/20 ; SBL256894\n10.0.0.1\tsomebody else\n  10.0.0.2  ', 3],
    ['a byte order mark', '\uFEFF10.0.0.1\n', 1],
    ['JSON', '["10.0.0.0/8", "::1"]', 2],
    ['JSON over several lines, with escaped slashes', '\n [\n"10.0.0.0\\/8"\n,\n"::1"\n]\n', 2],
    ['JSON behind a byte order mark', '\uFEFF["10.0.0.1"]', 1],
    ['nothing', '', 'empty'],
    ['only comments', '# nobody\n\n', 'empty'],
    ['an empty array', ' [ ]\n', 'empty, and says so'],
    ['a wrong line', '10.0.0.1\n\n# ok\n10.0.0.300\n', 'has neither an address nor a block in line 4'],
    [
      'a wrong line behind two kinds of line ends',
      '10.0.0.1\r\n::1\r<html>',
      'has neither an address nor a block in line 3',
    ],
    ['a name', 'example.com', 'has neither an address nor a block in line 1'],
    ['several in a line', '10.0.0.1,10.0.0.2', 'has neither an address nor a block in line 1'],
    ['a zone', 'fe80::1%eth0', 'has neither an address nor a block in line 1'],
    ['a wrong entry', '["10.0.0.1", "10.0.0.0/33"]', 'has neither an address nor a block in entry 2'],
    ['a number in JSON', '["10.0.0.1", 7]', 'is no array of strings in JSON from entry 2 on'],
    ['JSON that is cut off', '["10.0.0.1", "10.0.0.2"', 'is no array of strings in JSON from entry 2 on'],
    ['something behind JSON', '["10.0.0.1"] x', 'is no array of strings in JSON from entry 1 on'],
    ['a comma too many', '["10.0.0.1",]', 'is no array of strings in JSON from entry 2 on'],
    ['an endless string', `["${'1'.repeat(100)}"]`, 'is no array of strings in JSON from entry 1 on'],
  ];
  for (const [what, text, expected] of table) {
    it(`${typeof expected === 'number' ? 'understands' : 'judges'} ${what}`, () =>
      assert.equal(outcome(text), expected));
  }

  it('takes no more entries than a table may have', () => {
    const line = '10.0.0.1\n';
    assert.equal(outcome(line.repeat(MAX_ENTRIES)), MAX_ENTRIES);
    assert.match(String(outcome(line.repeat(MAX_ENTRIES + 1))), /more than 1000000/);
  });

  it('makes the same table of blocks as the configuration does, from lines and from JSON', () => {
    fc.assert(
      fc.property(fc.array(anyBlock, { minLength: 1 }), (blocks) => {
        const expected = Buffer.from(compileAddresses(blocks));
        const texts = blocks.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
        for (const text of [texts.join(' # x\n'), JSON.stringify(texts)]) {
          const read = readList(text);
          assert.ok(read.kind === 'read');
          assert.equal(read.addresses.size, blocks.length);
          assert.ok(Buffer.from(read.addresses.compile()).equals(expected));
        }
      }),
    );
  });
});
