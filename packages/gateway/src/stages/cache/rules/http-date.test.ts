import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseHttpDate } from './http-date.ts';
import { NOW_MS } from './rules-testing.ts';

type Row = readonly [section: string, text: string, iso: string | null];

const table: readonly Row[] = [
  ['RFC 9110 §5.6.7', 'Sun, 06 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
  ['RFC 9110 §5.6.7', 'Sunday, 06-Nov-94 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
  ['RFC 9110 §5.6.7', 'Sun Nov  6 08:49:37 1994', '1994-11-06T08:49:37.000Z'],
  ['RFC 9110 §5.6.7', 'Thursday, 18-Aug-50 02:01:18 GMT', '2050-08-18T02:01:18.000Z'],
  ['RFC 9110 §5.6.7', 'Thursday, 18-Aug-76 02:01:18 GMT', '2076-08-18T02:01:18.000Z'],
  ['RFC 9110 §5.6.7', 'Thursday, 18-Aug-77 02:01:18 GMT', '1977-08-18T02:01:18.000Z'],
  ['RFC 9110 §5.6.7', 'Tue, 19 Jan 2038 14:14:08 GMT', '2038-01-19T14:14:08.000Z'],
  ['RFC 9110 §5.6.7', 'Sun, 21 Nov 2286 04:46:39 GMT', '2286-11-21T04:46:39.000Z'],
  ['RFC 9110 §5.6.7', 'Sat, 31 Dec 2016 23:59:60 GMT', '2017-01-01T00:00:00.000Z'],
  ['RFC 9111 §4.2', 'THU, 18 AUG 2050 02:01:18 gMT', '2050-08-18T02:01:18.000Z'],
  ['RFC 9111 §5.3', '0', null],
  ['RFC 9111 §5.3', '', null],
  ['RFC 9110 §5.6.7', 'Thu, 18 Aug 2050 02:01:18 UTC', null],
  ['RFC 9110 §5.6.7', 'Thu, 18 Aug 2050 02:01:18 AEST', null],
  ['RFC 9110 §5.6.7', 'Thu, 18 Aug 50 02:01:18 GMT', null],
  ['RFC 9110 §5.6.7', 'Thu 18 Aug 2050 02:01:18 GMT', null],
  ['RFC 9110 §5.6.7', 'Thu, 18  Aug  2050 02:01:18 GMT', null],
  ['RFC 9110 §5.6.7', 'Thu, 18-Aug-2050 02:01:18 GMT', null],
  ['RFC 9110 §5.6.7', 'Thu, 18 Aug 2050 02.01.18 GMT', null],
  ['RFC 9110 §5.6.7', 'Thu, 18 Aug 2050 2:01:18 GMT', null],
  ['RFC 9110 §5.6.7', 'Thu, 31 Feb 2050 02:01:18 GMT', null],
  ['RFC 9110 §5.6.7', 'Thu, 00 Feb 2050 02:01:18 GMT', null],
  ['RFC 9110 §5.6.7', 'Thu, 01 Feb 2050 24:00:00 GMT', null],
  ['RFC 9110 §5.6.7', 'Thu, 01 Feb 2050 23:60:00 GMT', null],
  ['RFC 9110 §5.6.7', 'Thu, 01 Feb 2050 23:59:61 GMT', null],
  ['RFC 9110 §5.6.7', '2050-02-01T00:00:00Z', null],
];

describe('parseHttpDate', () => {
  for (const [section, text, iso] of table) {
    it(`makes ${iso} of ${JSON.stringify(text)} (${section})`, () => {
      const timeMs = parseHttpDate(text, NOW_MS);
      assert.equal(timeMs === null ? null : new Date(timeMs).toISOString(), iso);
    });
  }

  it('gives back what was written as a date', () => {
    for (let seconds = 0; seconds < 4_000_000_000; seconds += 86_399 * 97) {
      assert.equal(parseHttpDate(new Date(seconds * 1000).toUTCString(), NOW_MS), seconds * 1000);
    }
  });
});
