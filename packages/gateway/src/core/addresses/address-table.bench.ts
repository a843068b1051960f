/**
 * What a lookup costs: `node packages/gateway/src/core/addresses/address-table.bench.ts [entries…]`.
 *
 * Addresses are cut out of a longer text, as a parser cuts them out of a request head: constants would be compared by
 * address. What cutting costs is measured alone and subtracted. Half of the addresses are in the table. `again` asks for the
 * same address as before, in a string of its own. Each size runs in a process of its own.
 */
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import type { AddressBlock } from '@turnpike/config';
import { random } from '../random.ts';
import { openAddresses, type AddressTable } from './address-table.ts';
import { compileAddresses } from './compile-addresses.ts';

const LOOKUPS = 2_000_000;
const SAMPLES = 1 << 14;
const dice = random(1);

type Family = AddressBlock['family'];

/** An address where there are many: IPv4 up to 223, IPv6 where the registries allocate. */
function addressIn(family: Family): string {
  if (family === 'ipv4') return [1 + dice.below(223), byte(), byte(), byte()].join('.');
  const starts = [0x2400, 0x2600, 0x2800, 0x2a00, 0x2a00];
  const first = dice.below(5) === 0 ? 0x2001 : (starts[dice.below(5)] ?? 0) + dice.below(16);
  const groups = [first, ...Array.from({ length: 7 }, () => dice.below(65_536))];
  return groups.map((group) => group.toString(16)).join(':');
}

function byte(): number {
  return dice.below(256);
}

/** Blocks as lists have them: a third of them single addresses. */
function blocksOf(family: Family, count: number): AddressBlock[] {
  const [shortest, longest, single] = family === 'ipv4' ? [20, 29, 32] : [32, 64, 128];
  return Array.from({ length: count }, (_, index) => ({
    family,
    address: addressIn(family),
    prefixLength: index % 3 === 0 ? single : shortest + dice.below(longest - shortest),
  }));
}

interface Sample {
  readonly head: string;
  readonly end: number;
}

function samplesOf(family: Family, blocks: readonly AddressBlock[]): Sample[] {
  return Array.from({ length: SAMPLES }, (_, index) => {
    const known = blocks[dice.below(blocks.length)]?.address ?? '';
    const address = index % 2 === 0 ? known : addressIn(family);
    return { head: `X-Forwarded-For: ${address}\r\nAccept: */*\r\n`, end: 17 + address.length };
  });
}

const client = { address: '', family: 'ipv4' as Family, port: 0 };
let sink = 0;

function cut({ head, end }: Sample): void {
  client.address = head.slice(17, end);
  sink += client.address.length;
}

/** Best nanoseconds a call of five rounds. */
function nanoseconds(samples: readonly Sample[], work: (sample: Sample) => void): number {
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    for (let index = 0; index < LOOKUPS; index++) {
      const sample = samples[index & (samples.length - 1)];
      if (sample !== undefined) work(sample);
    }
    best = Math.min(best, ((performance.now() - start) * 1e6) / LOOKUPS);
  }
  return best;
}

function measure(family: Family, count: number): void {
  const blocks = blocksOf(family, count);
  const start = performance.now();
  const buffer = compileAddresses(blocks);
  const compileMs = performance.now() - start;
  const table = openAddresses(buffer);
  const samples = samplesOf(family, blocks);
  const making = nanoseconds(samples, cut);
  const fresh = nanoseconds(samples, (sample) => lookUp(table, sample)) - making;
  const one = samples.slice(0, 1);
  const again = nanoseconds(one, (sample) => lookUp(table, sample)) - nanoseconds(one, cut);
  const cells = [family, count, compileMs.toFixed(1), (buffer.byteLength / 1024).toFixed(0)];
  cells.push(fresh.toFixed(0), again.toFixed(0));
  print(cells);
}

function lookUp(table: AddressTable, sample: Sample): void {
  cut(sample);
  if (table.has(client)) sink++;
}

function print(cells: readonly (string | number)[]): void {
  process.stdout.write(`${cells.map((cell) => String(cell).padStart(12)).join('')}\n`);
}

const [only, ...others] = process.argv.slice(2).map(Number);
if (only !== undefined && others.length === 0) {
  measure('ipv4', only);
  measure('ipv6', only);
  if (sink === 0) throw new Error('nothing was done');
} else {
  print(['family', 'entries', 'compile ms', 'KiB', 'fresh ns', 'again ns']);
  const sizes = only === undefined ? [10, 1000, 100_000, 1_000_000] : [only, ...others];
  for (const size of sizes) {
    spawnSync(process.execPath, [import.meta.filename, String(size)], { stdio: 'inherit' });
  }
}
