import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { parseAuthority } from './host.ts';

describe('parseAuthority', () => {
  const accepted: [text: string, host: string, port: number | undefined][] = [
    ['example.com', 'example.com', undefined],
    ['API.Example.COM:8443', 'api.example.com', 8443],
    ['example.com.', 'example.com', undefined],
    ['example.com.:80', 'example.com', 80],
    ['localhost:1', 'localhost', 1],
    ['a_b.x-y', 'a_b.x-y', undefined],
    ['127.0.0.1:65535', '127.0.0.1', 65_535],
    ['[::1]', '[::1]', undefined],
    ['[2001:DB8::A]:443', '[2001:db8::a]', 443],
    ['[::ffff:10.0.0.1]', '[::ffff:10.0.0.1]', undefined],
    ['1.example', '1.example', undefined],
    ['0xyz', '0xyz', undefined],
  ];
  for (const [text, host, port] of accepted) {
    it(`reads ${text}`, () => assert.deepEqual(parseAuthority(text), { host, port }));
  }

  const words =
    '. a..b .a a.. :80 a: a:0 a:080 a:65536 a:8x a:80:80 a:+80 a,b a/b a?b a#b user@a a\\b %61 a%00 ' +
    "a;b a'b a* é a\u0141 1.2.3 127.1 1.2.3.256 01.2.3.4 2130706433 0x7f000001 a.0x1 a.1 1.2.3.4.5 " +
    '[] [::1 ::1 [::1]x [::1]80 [::g] [fe80::1%25eth0] [fe80::1%eth0] [1.2.3.4] x[::1]';
  const refused = words.split(' ').concat('', 'a b', ' a', 'a\t', 'a: 80', 'a'.repeat(254), 'a'.repeat(300));
  for (const text of refused) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => assert.equal(parseAuthority(text), undefined));
  }

  it('gives the same object for a text that it has just read', () => {
    assert.equal(parseAuthority('memo.example'), parseAuthority('memo.example'));
  });

  it('keeps texts apart that share a place in the memo', () => {
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 500; index++) {
        assert.equal(parseAuthority(`h${index}.example:80`)?.host, `h${index}.example`);
      }
    }
  });
});
