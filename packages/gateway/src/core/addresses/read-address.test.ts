import assert from 'node:assert/strict';
import { isIP, SocketAddress } from 'node:net';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { ipv4Text, ipv6Text } from './addresses-testing.ts';
import { isMapped, readAddress } from './read-address.ts';

/** What is read, as hexadecimal words; `''` when it is no address. */
function read(text: string, start?: number, end?: number): string {
  const words = new Uint32Array(4);
  const width = readAddress(text, words, start, end);
  return Array.from(words.subarray(0, width), (word) => word.toString(16).padStart(8, '0')).join(' ');
}

describe('reading an address', () => {
  const table: readonly (readonly [text: string, words: string])[] = [
    ['0.0.0.0', '00000000'],
    ['10.1.2.3', '0a010203'],
    ['255.255.255.255', 'ffffffff'],
    ['256.0.0.1', ''],
    ['1.2.3', ''],
    ['1.2.3.', ''],
    ['.1.2.3', ''],
    ['1..2.3', ''],
    ['1.2.3.4.5', ''],
    ['01.2.3.4', ''],
    ['1.2.3.00', ''],
    ['1.2.3.4 ', ''],
    ['0x1.2.3.4', ''],
    ['1.2.3.-4', ''],
    ['16909060', ''],
    ['', ''],
    ['::', '00000000 00000000 00000000 00000000'],
    ['::1', '00000000 00000000 00000000 00000001'],
    ['1::', '00010000 00000000 00000000 00000000'],
    ['2001:DB8::a:b', '20010db8 00000000 00000000 000a000b'],
    ['1:2:3:4:5:6:7:8', '00010002 00030004 00050006 00070008'],
    ['1:2:3:4:5:6:7::', '00010002 00030004 00050006 00070000'],
    ['::2:3:4:5:6:7:8', '00000002 00030004 00050006 00070008'],
    ['::ffff:1.2.3.4', '00000000 00000000 0000ffff 01020304'],
    ['1:2:3:4:5:6:1.2.3.4', '00010002 00030004 00050006 01020304'],
    ['1::5:1.2.3.4', '00010000 00000000 00000005 01020304'],
    [':', ''],
    [':::', ''],
    ['1:', ''],
    [':1', ''],
    ['1:::2', ''],
    ['::1::', ''],
    ['1:2:3:4:5:6:7', ''],
    ['1:2:3:4:5:6:7:8:9', ''],
    ['1:2:3:4:5:6:7:8:', ''],
    ['1:2:3:4::5:6:7:8', ''],
    ['::1:2:3:4:5:6:7:8', ''],
    ['12345::', ''],
    ['g::', ''],
    ['::1.2.3', ''],
    ['::1.2.3.4:5', ''],
    ['::.1.2.3', ''],
    ['::a.1.2.3', ''],
    ['1:2:3:4:5:6:7:1.2.3.4', ''],
    ['1.2.3.4::', ''],
    ['fe80::1%eth0', ''],
    ['::\u0661', ''],
  ];
  for (const [text, words] of table) {
    it(`${words === '' ? 'refuses' : 'understands'} ${JSON.stringify(text)}`, () =>
      assert.equal(read(text), words));
  }

  it('reads no further than it was told', () => {
    assert.equal(read('for=10.1.2.34;by=x', 4, 12), '0a010203');
    assert.equal(read('[::1:2]', 1, 4), '00000000 00000000 00000000 00000001');
    assert.equal(read('1::', 0, 2), '');
  });

  it('accepts what Node.js accepts, and nothing else', () => {
    const noise = fc.string({
      unit: fc.constantFrom(...Array.from('0123456789abcdefF::::...%g /')),
      maxLength: 24,
    });
    const damaged = fc.tuple(fc.oneof(ipv4Text, ipv6Text), fc.nat(), noise).map(([text, at, other]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + other.slice(0, 2) + text.slice(place + (other.length % 3));
    });
    fc.assert(
      fc.property(fc.oneof(noise, damaged, ipv4Text, ipv6Text), (text) => {
        const plain = text.includes('%') ? 0 : isIP(text);
        assert.equal(readAddress(text, new Uint32Array(4)), { 0: 0, 4: 1, 6: 4 }[plain]);
      }),
      { numRuns: 5000 },
    );
  });

  it('sees IPv4 behind every spelling of a mapped address', () => {
    const words = new Uint32Array(4);
    fc.assert(
      fc.property(fc.oneof(ipv6Text, fc.constantFrom('::fffe:1.2.3.4', '1::ffff:0:1')), (text) => {
        readAddress(text, words);
        const { address } = new SocketAddress({ address: text, family: 'ipv6' });
        assert.equal(isMapped(words), /^::ffff:\d+\.\d+\.\d+\.\d+$/.test(address), address);
      }),
    );
  });
});
