import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { random } from '../../../core/random.ts';
import { contentRangeField, contentRangeOf } from './content-range.ts';
import { combined, completion, holds, isComplete, mayCombine } from './partial.ts';
import { multipartOf, wantedBytes } from './ranges.ts';
import { dateAt, fields } from './rules-testing.ts';

type Outcome = 'whole' | 'unsatisfiable' | readonly (readonly [from: number, to: number])[];

const wanted: readonly (readonly [section: string, text: string, length: number, Outcome])[] = [
  ['RFC 9110 §14.1.2', 'bytes=0-1', 11, [[0, 2]]],
  ['RFC 9110 §14.1.2', 'bytes=1-', 11, [[1, 11]]],
  ['RFC 9110 §14.1.2', 'bytes=-1', 11, [[10, 11]]],
  ['RFC 9110 §14.1.2', 'bytes=-50', 11, [[0, 11]]],
  ['RFC 9110 §14.1.2', 'bytes=5-500', 11, [[5, 11]]],
  ['RFC 9110 §14.1.2', 'BYTES=0-0', 11, [[0, 1]]],
  [
    'RFC 9110 §14.1.2',
    'bytes=0-1, 5-6 ,-1',
    11,
    [
      [0, 2],
      [5, 7],
      [10, 11],
    ],
  ],
  ['RFC 9110 §14.1.2', 'bytes=0-1, 50-60', 11, [[0, 2]]],
  ['RFC 9110 §14.1.2', 'bytes=11-', 11, 'unsatisfiable'],
  ['RFC 9110 §14.1.2', 'bytes=50-60,90-', 11, 'unsatisfiable'],
  ['RFC 9110 §14.1.2', 'bytes=-0', 11, 'unsatisfiable'],
  ['RFC 9110 §14.1.2', 'bytes=0-', 0, 'unsatisfiable'],
  ['RFC 9110 §14.1.2', 'bytes=-5', 0, 'unsatisfiable'],
  ['RFC 9110 §14.2', 'lines=0-1', 11, 'whole'],
  ['RFC 9110 §14.2', 'bytes', 11, 'whole'],
  ['RFC 9110 §14.2', 'bytes=', 11, 'whole'],
  ['RFC 9110 §14.2', 'bytes=-', 11, 'whole'],
  ['RFC 9110 §14.2', 'bytes=3-2', 11, 'whole'],
  ['RFC 9110 §14.2', 'bytes=0-1,x', 11, 'whole'],
  ['RFC 9110 §14.2', 'bytes=+1-2', 11, 'whole'],
  ['RFC 9110 §14.2', 'bytes=1.5-2', 11, 'whole'],
  ['RFC 9110 §14.2', 'bytes=0-9999999999999999', 11, 'whole'],
  ['RFC 9110 §17.15', 'bytes=0-,0-', 11, 'unsatisfiable'],
  ['RFC 9110 §17.15', 'bytes=0-5,5-6', 11, 'unsatisfiable'],
  ['RFC 9110 §17.15', 'bytes=5-6,0-5', 11, 'unsatisfiable'],
  [
    'RFC 9110 §17.15',
    'bytes=0-0,2-2,4-4,6-6,8-8',
    11,
    [
      [0, 1],
      [2, 3],
      [4, 5],
      [6, 7],
      [8, 9],
    ],
  ],
  ['RFC 9110 §17.15', 'bytes=0-0,2-2,4-4,6-6,8-8,10-10', 11, 'whole'],
  ['RFC 9110 §17.15', `bytes=${'0-0,'.repeat(100)}`, 11, 'whole'],
];

describe('wantedBytes', () => {
  for (const [section, text, length, outcome] of wanted) {
    it(`gives ${JSON.stringify(outcome)} for ${text.slice(0, 60)} of ${length} (${section})`, () => {
      const found = wantedBytes(text, length);
      const spans = found.kind === 'spans' ? found.spans.map(({ from, to }) => [from, to]) : found.kind;
      assert.deepEqual(spans, outcome);
    });
  }

  it('never gives what is not there, nor more than there is', () => {
    const { below } = random(3);
    const characters = '0123456789-,= bytes*';
    for (let round = 0; round < 5000; round++) {
      const set = Array.from({ length: below(20) }, () => characters[below(characters.length)]).join('');
      const length = below(30);
      const found = wantedBytes(`bytes=${set}`, length);
      if (found.kind !== 'spans') continue;
      assert.ok(
        found.spans.every(({ from, to }) => from >= 0 && from < to && to <= length),
        set,
      );
      assert.ok(found.spans.reduce((sum, { from, to }) => sum + to - from, 0) <= length, set);
    }
  });
});

describe('multipartOf', () => {
  it('plans a body whose length is right (RFC 9110 §14.6)', () => {
    const body = '0123456789A';
    const plan = multipartOf(
      [
        { from: 0, to: 2 },
        { from: 9, to: 11 },
      ],
      'b',
      { contentType: 'text/plain', completeLength: 11 },
    );
    const text =
      plan.parts.map(({ head, span }) => head + body.slice(span.from, span.to)).join('') + plan.tail;
    assert.equal(plan.contentType, 'multipart/byteranges; boundary=b');
    assert.equal(text.length, plan.length);
    assert.equal(
      text,
      '--b\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/11\r\n\r\n01' +
        '\r\n--b\r\nContent-Type: text/plain\r\nContent-Range: bytes 9-10/11\r\n\r\n9A\r\n--b--\r\n',
    );
  });

  it('says no type where there is none', () => {
    const { parts } = multipartOf([{ from: 0, to: 1 }], 'b', { contentType: undefined, completeLength: 2 });
    assert.equal(parts[0]?.head, '--b\r\nContent-Range: bytes 0-0/2\r\n\r\n');
  });
});

describe('contentRangeOf', () => {
  const rows: readonly (readonly [text: string, range: readonly [number, number, number | null] | null])[] = [
    ['bytes 0-4/10', [0, 5, 10]],
    ['bytes 4-9/*', [4, 10, null]],
    ['BYTES 0-0/1', [0, 1, 1]],
    ['bytes */10', null],
    ['bytes 5-4/10', null],
    ['bytes 5-10/10', null],
    ['lines 0-4/10', null],
    ['bytes 0-4/10, bytes 5-6/10', null],
    ['bytes 0-4', null],
    ['bytes 0-99999999999999999999/*', null],
    ['AQGWMCSIYOEUKAQ', null],
  ];
  for (const [text, range] of rows) {
    it(`reads ${JSON.stringify(range)} from ${text} (RFC 9110 §14.4)`, () => {
      const found = contentRangeOf(fields(`Content-Range: ${text}`));
      assert.deepEqual(found === null ? null : [found.from, found.to, found.completeLength], range);
    });
  }

  it('is written as it is read', () => {
    assert.equal(contentRangeField({ from: 0, to: 5 }, 10), 'bytes 0-4/10');
    assert.equal(contentRangeField(null, 10), 'bytes */10');
  });
});

describe('parts', () => {
  const part = (range: string, ...more: string[]) => fields(`Content-Range: bytes ${range}`, ...more);

  it('answer what lies within them (RFC 9111 §3.3)', () => {
    const stored = { from: 4, to: 10 };
    assert.ok(
      holds(stored, [
        { from: 4, to: 10 },
        { from: 6, to: 9 },
      ]),
    );
    assert.ok(!holds(stored, [{ from: 3, to: 5 }]));
    assert.ok(!holds(stored, [{ from: 9, to: 11 }]));
  });

  it('are put together if they are of the same bytes (RFC 9110 §15.3.7.3)', () => {
    const strong = 'ETag: "a"';
    const rows: readonly (readonly [string, readonly string[], string, readonly string[], boolean])[] = [
      ['0-4/10', [strong], '5-9/10', [strong], true],
      ['0-4/10', [strong], '5-9/11', [strong], false],
      ['0-4/*', [strong], '5-9/*', [strong], false],
      ['0-4/10', [strong], '5-9/10', ['ETag: "b"'], false],
      ['0-4/10', ['ETag: W/"a"'], '5-9/10', ['ETag: W/"a"'], false],
      ['0-4/10', [], '5-9/10', [], false],
      [
        '0-4/10',
        [`Last-Modified: ${dateAt(-9)}`, `Date: ${dateAt(0)}`],
        '5-9/10',
        [`Last-Modified: ${dateAt(-9)}`, `Date: ${dateAt(1)}`],
        true,
      ],
      ['0-4/10', [`Last-Modified: ${dateAt(-9)}`], '5-9/10', [`Last-Modified: ${dateAt(-9)}`], false],
    ];
    for (const [one, oneMore, other, otherMore, may] of rows) {
      assert.equal(mayCombine(part(one, ...oneMore), part(other, ...otherMore)), may, `${one} ${other}`);
    }
  });

  it('make one if there is no gap between them (RFC 9111 §3.4)', () => {
    assert.deepEqual(combined({ from: 0, to: 5 }, { from: 5, to: 10 }), { from: 0, to: 10 });
    assert.deepEqual(combined({ from: 3, to: 8 }, { from: 0, to: 5 }), { from: 0, to: 8 });
    assert.equal(combined({ from: 0, to: 4 }, { from: 5, to: 10 }), null);
    assert.ok(isComplete({ from: 0, to: 10, completeLength: 10 }));
    assert.ok(!isComplete({ from: 0, to: 10, completeLength: null }));
  });

  it('are completed by asking for what is missing (RFC 9110 §13.1.5)', () => {
    assert.deepEqual(completion(part('0-4/10', 'ETag: "a"')), {
      range: 'bytes=5-',
      ifRange: '"a"',
      completeLength: 10,
    });
    assert.deepEqual(completion(part('4-9/10', 'ETag: "a"')), {
      range: 'bytes=0-3',
      ifRange: '"a"',
      completeLength: 10,
    });
    assert.equal(completion(part('4-8/10', 'ETag: "a"')), null);
    assert.equal(completion(part('0-4/*', 'ETag: "a"')), null);
    assert.equal(completion(part('0-4/10')), null);
  });
});
