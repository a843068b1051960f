import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  array,
  assert as always,
  integer,
  oneof,
  property,
  string,
  stringMatching,
} from '@turnpike/testkit/fast-check';
import { boundedBaggage, parseTraceParent, traceParent, traceState } from './trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const OURS = `turnpike=${SPAN}`;

describe('traceparent', () => {
  const good: readonly [value: string, flags: number][] = [
    [`00-${TRACE}-${SPAN}-00`, 0],
    [`00-${TRACE}-${SPAN}-01`, 1],
    [`00-${TRACE}-${SPAN}-03`, 3],
    [`00-${TRACE}-${SPAN}-ff`, 3],
    [`01-${TRACE}-${SPAN}-01`, 1],
    [`cc-${TRACE}-${SPAN}-01-what-will-be`, 1],
    [`cc-${TRACE}-${SPAN}-01-`, 1],
  ];
  for (const [value, flags] of good)
    it(`is read: ${value}`, () =>
      assert.deepEqual(parseTraceParent(value), { traceId: TRACE, parentId: SPAN, flags }));

  const bad = [
    '',
    '00',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-`,
    `00-${TRACE}-${SPAN}-01-more`,
    `01-${TRACE}-${SPAN}-01x`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `0A-${TRACE}-${SPAN}-01`,
    `00-${TRACE.slice(1)}-${SPAN}-01`,
    `00-${TRACE}0-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE}-${SPAN}-0g`,
    ` 00-${TRACE}-${SPAN}-01`,
    `00_${TRACE}_${SPAN}_01`,
    `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01\n`,
  ];
  for (const value of bad)
    it(`is refused: ${JSON.stringify(value)}`, () => assert.equal(parseTraceParent(value), null));

  it('is read as it was written', () =>
    always(
      property(integer({ min: 0, max: 3 }), (flags) => {
        assert.deepEqual(parseTraceParent(traceParent(TRACE, SPAN, flags)), {
          traceId: TRACE,
          parentId: SPAN,
          flags,
        });
      }),
    ));
});

describe('tracestate', () => {
  const cases: readonly [name: string, callers: string, written: string][] = [
    ['of nobody is ours', '', OURS],
    ['has ours first', 'a=1,b=2', `${OURS},a=1,b=2`],
    ['has ours once', `a=1,turnpike=old,b=2`, `${OURS},a=1,b=2`],
    ['may have blanks and gaps between members', ' a=1 ,\t,b=x y', `${OURS},a=1,b=x y`],
    ['may have tenants and odd keys', '1a@b=1,a_b-c*/d=2', `${OURS},1a@b=1,a_b-c*/d=2`],
    ['is given up with a malformed member', 'a=1,b', OURS],
    ['is given up with a key in upper case', 'a=1,B=2', OURS],
    ['is given up with a key that is too long', `${'k'.repeat(257)}=1`, OURS],
    ['is given up with a value that is too long', `a=${'x'.repeat(257)}`, OURS],
    ['is given up with an equals sign in a value', 'a=1=2', OURS],
    ['is given up with a key that comes twice', 'a=1,b=2,a=3', OURS],
    ['is given up with a text that is no ASCII', 'a=ü', OURS],
    ['is given up with 33 members', Array.from({ length: 33 }, (_, n) => `k${n}=v`).join(','), OURS],
  ];
  for (const [name, callers, written] of cases)
    it(name, () => assert.equal(traceState(callers, SPAN), written));

  it('loses the last of 32 members for ours', () => {
    const members = Array.from({ length: 32 }, (_, n) => `k${n}=v`);
    assert.equal(traceState(members.join(','), SPAN), [OURS, ...members.slice(0, 31)].join(','));
  });

  it('is read in linear time, whatever stands in it', () => {
    // For an expression that looks for blanks at the end, each of these would take a second.
    const callers = `a=b${' '.repeat(8000)}c`;
    for (let i = 0; i < 100; i++) assert.equal(traceState(callers, SPAN), OURS);
  });

  it('loses long members before others when it would be longer than 512', () => {
    const [first, second] = [`l1=${'x'.repeat(240)}`, `l2=${'x'.repeat(240)}`];
    assert.equal(traceState(`${first},a=1,${second},b=2`, SPAN), `${OURS},${first},a=1,b=2`);
  });

  it('loses the last ones when all are short', () => {
    const members = Array.from({ length: 20 }, (_, n) => `k${n}=${'x'.repeat(40)}`);
    const written = traceState(members.join(','), SPAN).split(',');
    assert.ok(written.join(',').length <= 512);
    assert.deepEqual(written, [OURS, ...members.slice(0, written.length - 1)]);
    assert.ok(written.length > 10);
  });

  it('is always within its bounds', () =>
    always(
      property(
        oneof(
          string({ maxLength: 2000 }),
          array(stringMatching(/^[a-z\d@]{1,30}=[!-+.-<]{1,200}$/), { maxLength: 40 }).map((all) =>
            all.join(','),
          ),
        ),
        (callers) => {
          const written = traceState(callers, SPAN);
          assert.ok(written.startsWith(OURS));
          assert.ok(written.length <= 512);
          assert.ok(written.split(',').length <= 32);
        },
      ),
    ));
});

describe('baggage', () => {
  it('goes on as it came', () => assert.equal(boundedBaggage('a=1;p=2, b=%20'), 'a=1;p=2, b=%20'));

  it('has at most 64 members', () => {
    const members = Array.from({ length: 70 }, (_, n) => `k${n}=v`);
    assert.equal(boundedBaggage(members.join(',')), members.slice(0, 64).join(','));
  });

  it('has at most 8192 bytes', () => {
    const members = Array.from({ length: 10 }, (_, n) => `k${n}=${'x'.repeat(997)}`);
    assert.equal(boundedBaggage(members.join(',')), members.slice(0, 8).join(','));
    assert.equal(boundedBaggage('x'.repeat(8193)), '');
    assert.equal(boundedBaggage('x'.repeat(8192)).length, 8192);
  });
});
