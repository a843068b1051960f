import type { AddressBlock } from '@turnpike/config';
import * as fc from '@turnpike/testkit/fast-check';
import type { ClientAddress } from '../exchange.ts';

/** For tests: few different octets and groups, so that addresses meet. */
const octet: fc.Arbitrary<number> = fc.constantFrom(0, 1, 9, 10, 127, 128, 254, 255);
const group: fc.Arbitrary<number> = fc.constantFrom(
  0,
  0,
  0,
  1,
  0x7fff,
  0x8000,
  0xfffe,
  0xffff,
  0x2001,
  0xdb8,
);

/** For tests: IPv4 addresses. */
export const ipv4Text = fc.array(octet, { minLength: 4, maxLength: 4 }).map((octets) => octets.join('.'));

const mappedGroups = fc.tuple(group, group).map(([high, low]) => [0, 0, 0, 0, 0, 0xffff, high, low]);
const anyGroups = fc.array(group, { minLength: 8, maxLength: 8 });

/** For tests: IPv6 addresses, many of them mapped, in all spellings: `::` or not, capitals, zeros in front, an IPv4 tail. */
export const ipv6Text = fc
  .record({
    groups: fc.oneof(anyGroups, mappedGroups),
    isShort: fc.boolean(),
    hasTail: fc.boolean(),
    isUpper: fc.boolean(),
    isPadded: fc.boolean(),
  })
  .map(({ groups, isShort, hasTail, isUpper, isPadded }) => {
    const texts = groups.map((value) => value.toString(16).padStart(isPadded ? 4 : 1, '0'));
    if (hasTail) {
      const bytes = groups.slice(6).flatMap((value) => [value >> 8, value & 255]);
      texts.splice(6, 2, bytes.join('.'));
    }
    const text = isShort ? shortened(texts) : texts.join(':');
    return isUpper ? text.toUpperCase() : text;
  });

/** The first run of zeros as `::`. */
function shortened(texts: readonly string[]): string {
  const start = texts.findIndex((text) => /^0+$/.test(text));
  if (start === -1) return texts.join(':');
  let end = start;
  while (/^0+$/.test(texts[end] ?? '')) end++;
  return `${texts.slice(0, start).join(':')}::${texts.slice(end).join(':')}`;
}

/** For tests: blocks of both families. */
export const anyBlock: fc.Arbitrary<AddressBlock> = fc.oneof(
  fc.record({
    address: ipv4Text,
    prefixLength: fc.integer({ min: 0, max: 32 }),
    family: fc.constant('ipv4' as const),
  }),
  fc.record({
    address: ipv6Text,
    prefixLength: fc.integer({ min: 0, max: 128 }),
    family: fc.constant('ipv6' as const),
  }),
);

/** For tests: a caller with this address. */
export function clientAt(address: string): ClientAddress {
  return { address, family: address.includes(':') ? 'ipv6' : 'ipv4', port: 40_000 };
}

/** For tests: a block from the way people write it. */
export function blockOf(text: string): AddressBlock {
  const [address = '', length] = text.split('/');
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  return { address, family, prefixLength: Number(length ?? (family === 'ipv4' ? 32 : 128)) };
}
