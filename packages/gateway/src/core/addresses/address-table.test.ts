import assert from 'node:assert/strict';
import { BlockList, SocketAddress } from 'node:net';
import { describe, it } from 'node:test';
import type { AddressBlock } from '@turnpike/config';
import * as fc from '@turnpike/testkit/fast-check';
import { NewsBoard } from '../../threads/news-board.ts';
import type { AddressNews } from '../desk.ts';
import { random } from '../random.ts';
import { addressListsFrom } from './address-lists.ts';
import { openAddresses, type AddressTable } from './address-table.ts';
import { anyBlock, blockOf, clientAt, ipv4Text, ipv6Text } from './addresses-testing.ts';
import { AddressCollector, compileAddresses } from './compile-addresses.ts';

function tableOf(...blocks: readonly string[]): AddressTable {
  return openAddresses(compileAddresses(blocks.map(blockOf)));
}

/** The IPv4 address that an IPv6 address stands for, by what Node.js prints. */
function unmapped(address: string): string {
  if (!address.includes(':')) return address;
  const plain = new SocketAddress({ address, family: 'ipv6' }).address;
  return /^::ffff:\d+\./.test(plain) ? plain.slice(7) : address;
}

/** The same from node:net: one list for each family, because an address of one is never in a block of the other. */
function reference(blocks: readonly AddressBlock[]): (address: string) => boolean {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const { address, prefixLength, family } of blocks) {
    const plain = unmapped(address);
    if (family === 'ipv6' && plain !== address && prefixLength >= 96)
      lists.ipv4.addSubnet(plain, prefixLength - 96, 'ipv4');
    else lists[family].addSubnet(address, prefixLength, family);
  }
  return (address) => {
    const plain = unmapped(address);
    const family = plain.includes(':') ? 'ipv6' : 'ipv4';
    return lists[family].check(plain, family);
  };
}

describe('a table of addresses', () => {
  const office = tableOf('203.0.113.0/24', '10.0.0.1', '2001:db8::/32', '::ffff:192.0.2.0/120');
  const table: readonly (readonly [address: string, isIn: boolean])[] = [
    ['203.0.113.0', true],
    ['203.0.113.255', true],
    ['203.0.112.255', false],
    ['203.0.114.0', false],
    ['10.0.0.1', true],
    ['10.0.0.2', false],
    ['::ffff:203.0.113.7', true],
    ['::ffff:cb00:7107', true],
    ['::FFFF:CB00:7107', true],
    ['0:0:0:0:0:ffff:cb00:7107', true],
    ['0000::ffff:203.0.113.7', true],
    ['::203.0.113.7', false],
    ['192.0.2.9', true],
    ['192.0.3.9', false],
    ['2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', true],
    ['2001:db9::', false],
    ['2001:db8::1%eth0', true],
    ['2001:db9::1%eth0', false],
    ['::ffff:10.0.0.1%1', true],
    ['', false],
    ['unknown', false],
    ['10.0.0.1%1', false],
  ];
  for (const [address, isIn] of table) {
    it(`${isIn ? 'has' : 'does not have'} ${JSON.stringify(address)}`, () =>
      assert.equal(office.has(clientAt(address)), isIn));
  }

  it('takes the mapped block as all of IPv4, and ::/0 as all of IPv6 and nothing else', () => {
    const [mapped, all] = [tableOf('::ffff:0:0/96'), tableOf('::/0')];
    for (const address of ['1.2.3.4', '255.255.255.255', '::ffff:1.2.3.4']) {
      assert.equal(mapped.has(clientAt(address)), true);
      assert.equal(all.has(clientAt(address)), false);
    }
    assert.equal(mapped.has(clientAt('::fffe:1.2.3.4')), false);
    assert.equal(all.has(clientAt('2001:db8::1')), true);
  });

  it('has nobody when it is empty', () => {
    const none = tableOf();
    for (const address of ['0.0.0.0', '::', '1.2.3.4']) assert.equal(none.has(clientAt(address)), false);
  });

  it('says the same as node:net, for every address and the ones beside the edges', () => {
    fc.assert(
      fc.property(
        fc.array(anyBlock, { maxLength: 12 }),
        fc.array(fc.oneof(ipv4Text, ipv6Text), { minLength: 20, maxLength: 20 }),
        (blocks, addresses) => {
          const isIn = reference(blocks);
          const table = openAddresses(compileAddresses(blocks));
          const known = blocks.map(({ address }) => address);
          // Twice, because the second is answered from memory.
          for (const address of [...known, ...addresses])
            for (const _ of [1, 2]) assert.equal(table.has(clientAt(address)), isIn(address), address);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('answers for the last address and then for another', () => {
    const one = tableOf('10.0.0.0/8');
    for (const [address, isIn] of [
      ['10.0.0.1', true],
      ['11.0.0.1', false],
      ['10.0.0.1', true],
      ['10.0.0.1', true],
    ] as const)
      assert.equal(one.has(clientAt(address)), isIn);
  });

  it('makes one range of all that overlaps or touches', () => {
    const halves = compileAddresses(['10.0.0.0/9', '10.128.0.0/9', '10.1.0.0/16'].map(blockOf));
    assert.equal(halves.byteLength, compileAddresses([blockOf('10.0.0.0/8')]).byteLength);
    const six = compileAddresses(['2001:db8::/33', '2001:db8:8000::/33'].map(blockOf));
    assert.equal(six.byteLength, compileAddresses([blockOf('2001:db8::/32')]).byteLength);
    const ends = compileAddresses(['0.0.0.0', '255.255.255.255'].map(blockOf));
    assert.ok(ends.byteLength > halves.byteLength);
  });

  it('finds its way among many blocks that crowd and some far away', () => {
    const dice = random(7);
    const crowd = Array.from({ length: 4000 }, () => `10.0.${dice.below(256)}.${dice.below(256)}/31`);
    const six = Array.from({ length: 4000 }, () => `2a00:1450:${dice.below(4096).toString(16)}::/47`);
    const blocks = [...crowd, ...six, '203.0.113.0/24', 'fe80::/10', '::1'].map(blockOf);
    const isIn = reference(blocks);
    const many = openAddresses(compileAddresses(blocks));
    for (let round = 0; round < 300; round++) {
      const last = `${dice.below(256)}.${dice.below(256)}`;
      const group = dice.below(4096).toString(16);
      for (const address of [
        `10.0.${last}`,
        `203.0.${last}`,
        `2a00:1450:${group}::1`,
        `fe${last.length}0::1`,
      ])
        assert.equal(many.has(clientAt(address)), isIn(address), address);
    }
  });

  it('is read by whoever has the buffer, and by nobody who has another', () => {
    const buffer = compileAddresses([blockOf('10.0.0.0/8')]);
    assert.equal(openAddresses(structuredClone(buffer)).has(clientAt('10.1.1.1')), true);
    assert.throws(() => openAddresses(new SharedArrayBuffer(64)), /no address table/);
  });
});

describe('collecting addresses', () => {
  const refused = [
    '',
    '/',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/+8',
    '10.0.0.0/0008',
    '1.2.3/8',
  ];
  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      const collector = new AddressCollector();
      assert.equal(collector.add(text), false);
      assert.equal(collector.size, 0);
    });
  }

  it('counts what was added, and takes it out of a longer text', () => {
    const collector = new AddressCollector();
    const text = '10.0.0.0/8\n10.1.0.0/16\n/x';
    assert.equal(collector.add(text, 0, 10), true);
    assert.equal(collector.add(text, 11, 22), true);
    assert.equal(collector.size, 2);
    assert.equal(openAddresses(collector.compile()).has(clientAt('10.2.3.4')), true);
  });

  it('throws for a block of the configuration that is none', () => {
    assert.throws(() => compileAddresses([blockOf('10.0.0.0/64')]), /no block/);
  });
});

function news(id: string, block: string): AddressNews {
  return { topic: 'addresses', id, table: compileAddresses([blockOf(block)]) };
}

describe('named lists', () => {
  it('are what the supervisor told last, before or after somebody asked', () => {
    const board = new NewsBoard([news('old', '10.0.0.0/8')]);
    const lists = addressListsFrom(board);
    assert.equal(lists.get('unknown'), null);
    assert.equal(lists.get('old')?.has(clientAt('10.0.0.1')), true);
    assert.equal(lists.get('old'), lists.get('old'));
    board.publish(news('old', '::1'));
    assert.equal(lists.get('old')?.has(clientAt('10.0.0.1')), false);
    assert.equal(lists.get('old')?.has(clientAt('::1')), true);
  });
});
