import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { exchangeFrom } from '../core/exchange-testing.ts';
import { headersOf } from '../core/headers.ts';
import { callerOf } from '../core/identity-testing.ts';
import { commonLines, httpdText } from './common-line.ts';
import { MAX_LINE_BYTES } from './line-parts.ts';
import { anyText, hostileExchange, manyFields, utmostExchange, wireText } from './log-lines-testing.ts';
import { timeTexts } from './log-time.ts';
import type { OwnField } from './own-fields.ts';

const NOV_23 = Date.UTC(2026, 10, 23, 13, 6, 4);

const lines = (form: 'common' | 'combined', own: readonly OwnField[] | null = null) =>
  commonLines({ timeText: timeTexts(() => NOV_23), ownFieldsOf: own === null ? null : () => own }, form);

/** As other programs read such lines: what stands in quotes ends with the first quote without a backslash before it. */
const QUOTED = String.raw`"((?:[^"\\]|\\.)*)"`;
const COMMON = String.raw`^(\S+) - (\S+) \[(\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000)\] "(?:-|(.*) (.*) (HTTP/[\d.]+))" (\d+) (\d+|-)`;

describe('a line in the common log format', () => {
  it('is as Apache httpd writes it', () => {
    const exchange = exchangeFrom({}, { responseBytes: 2326 });
    exchange.identity = callerOf({ subject: 'frank' });
    assert.equal(
      lines('common')(exchange, 999, 0),
      '203.0.113.9 - frank [23/Nov/2026:13:06:04 +0000] "GET /v1/orders HTTP/1.1" 200 2326\n',
    );
  });

  it('has the page without its secrets and the user agent when it is combined', () => {
    const headers = headersOf(
      ['Referer', 'https://u:p@shop.example/cart?token=1#a'],
      ['User-Agent', 'Mozilla/5.0 (X)'],
    );
    assert.equal(
      lines('combined')(exchangeFrom({ headers }), 0, 0),
      '203.0.113.9 - - [23/Nov/2026:13:06:04 +0000] "GET /v1/orders HTTP/1.1" 200 - "https://shop.example/cart" "Mozilla/5.0 (X)"\n',
    );
    const bare = lines('combined')(exchangeFrom({ headers: headersOf() }), 0, 0);
    assert.ok(bare.endsWith(' 200 - "-" "-"\n'));
  });

  it('has a hyphen for what could not be read as a request', () => {
    const line = lines('common')(exchangeFrom({ method: '', path: '', host: '' }, { status: 400 }), 0, 0);
    assert.ok(line.endsWith('] "-" 400 -\n'), line);
  });

  it('has own fields at its end, and how it was sampled', () => {
    const own: OwnField[] = [
      { name: 'tenant', read: () => 'a"b c' },
      { name: 'seats', read: () => 3 },
      { name: 'none', read: () => null },
    ];
    const line = lines('common', own)(exchangeFrom(), 0, 0.1);
    assert.ok(line.endsWith(String.raw`200 - sampleRate=0.1 tenant="a\"b c" seats="3" none=-` + '\n'), line);
  });

  it('tells the time of each second', () => {
    const write = lines('common');
    const times = [0, 500, 999, 1000, 61_000].map((ms) => write(exchangeFrom(), ms, 0).slice(29, 37));
    assert.deepEqual(times, ['13:06:04', '13:06:04', '13:06:04', '13:06:05', '13:07:05']);
  });

  it('is one line with its fields in their places, whatever clients send', () => {
    const pattern = new RegExp(`${COMMON} ${QUOTED} ${QUOTED} sampleRate=0.5((?: n\\w+=${QUOTED}){16})\n$`);
    fc.assert(
      fc.property(hostileExchange, (exchange) => {
        const line = lines('combined', manyFields(exchange.path))(exchange, 0, 0.5);
        assert.match(line, /^[ -~]+\n$/);
        assert.ok(line.length <= MAX_LINE_BYTES);
        assert.match(line, pattern);
      }),
    );
  });

  it('stays below the limit when every field is hostile to the utmost', () => {
    const line = lines('combined', manyFields('\u0001'.repeat(1000)))(utmostExchange(), 0, 0.123456789);
    assert.ok(line.length <= MAX_LINE_BYTES, String(line.length));
  });
});

describe('a text as httpd writes it', () => {
  it('can be read back byte by byte', () => {
    const bytesOf = (text: string) =>
      text.replaceAll(/\\(x..|.)/g, (_, code: string) =>
        code.length === 1 ? code : String.fromCharCode(Number.parseInt(code.slice(1), 16)),
      );
    fc.assert(fc.property(wireText(300), (text) => assert.equal(bytesOf(httpdText(text, 10_000)), text)));
    const utf8 = (text: string) => Buffer.from(text).toString('latin1');
    fc.assert(
      fc.property(anyText, (text) => {
        const expected = /[^\0-\xff]/.test(text) ? utf8(text) : text;
        assert.equal(bytesOf(httpdText(text, 10_000)), expected);
      }),
    );
  });

  it('is cut between two escapes', () => {
    assert.equal(httpdText('\n\n\n', 7), String.raw`\x0a`);
  });
});
