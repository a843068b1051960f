import type { ClientAddress } from '../exchange.ts';
import { openTable } from './layout.ts';
import { RangeTable } from './range-table.ts';
import { isMapped, readAddress } from './read-address.ts';

/** A set of addresses. */
export interface AddressTable {
  /** Whether the address is one of them. An IPv4-mapped address is the IPv4 address, and a zone does not matter. */
  has(client: ClientAddress): boolean;
}

/** Opens a table that `compileAddresses` made, in place: for one thread, in constant time. */
export function openAddresses(buffer: SharedArrayBuffer): AddressTable {
  return new OpenTable(buffer);
}

class OpenTable implements AddressTable {
  readonly #ipv4: RangeTable;
  readonly #ipv6: RangeTable;
  /** The address that was looked up last: all requests of a connection ask for the same. */
  #lastAddress = '';
  #hadLast = false;

  constructor(buffer: SharedArrayBuffer) {
    const { ipv4, ipv6 } = openTable(buffer);
    this.#ipv4 = new RangeTable(ipv4);
    this.#ipv6 = new RangeTable(ipv6);
  }

  has({ address }: ClientAddress): boolean {
    if (address === this.#lastAddress) return this.#hadLast;
    this.#lastAddress = address;
    this.#hadLast = this.#find(address);
    return this.#hadLast;
  }

  #find(address: string): boolean {
    const width = readAddress(address, WORDS);
    if (width === 1) return this.#ipv4.has(WORDS);
    if (width === 0 && readAddress(address, WORDS, 0, address.indexOf('%')) !== 4) return false;
    return isMapped(WORDS) ? this.#ipv4.has(IPV4_WORD) : this.#ipv6.has(WORDS);
  }
}

/** Lookups are synchronous, so one place for the address in hand will do. */
const WORDS = new Uint32Array(4);
/** Where the IPv4 address of a mapped one is. */
const IPV4_WORD = WORDS.subarray(3);
