import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressKind, type AddressKind } from './address-kind.ts';

const KINDS: Readonly<Record<AddressKind, readonly string[]>> = {
  public: [
    '8.8.8.8',
    '100.63.255.255',
    '172.32.0.1',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ],
  private: [
    '10.0.0.1',
    '100.64.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    'fd12:3456::1',
    '::ffff:10.0.0.1',
    '::ffff:a00:1',
    '64:ff9b::a00:1',
    '64:ff9b:1::1',
  ],
  loopback: ['127.0.0.1', '127.255.255.255', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1'],
  forbidden: [
    '0.0.0.0',
    '100.100.100.200',
    '169.254.169.254',
    '192.0.0.192',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::127.0.0.1',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    '2001:0:7f00:1::',
    '2002:7f00:1::',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    '',
    'localhost',
    '0x7f.1',
  ],
};

describe('the kind of an address', () => {
  for (const [kind, addresses] of Object.entries(KINDS)) {
    it(`is ${kind} for ${addresses.length} examples`, () => {
      for (const address of addresses) assert.equal(addressKind(address), kind, address);
    });
  }
});
