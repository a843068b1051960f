import { latin1 } from '../../../core/latin1.ts';

/**
 * How many bits the code of each byte has, and last that of the end of the string (RFC 7541 Appendix B). The code is
 * canonical, so the lengths say all of it: codes are handed out by length, and among those of one length by value.
 */
const CODE_LENGTHS = lengths(
  '13 23 28*7 24 30 28*2 30 28*8 30 28*9 6 10*2 12 13 6 8 11 10*2 8 11 8 6*3 5*3 6*7 7 8 15 6 12 10 13 6 7*21 7 8 7 8 13 19 13 14 6 ' +
    '15 5 6 5 6 5 6*3 5 7*2 6*3 5 6 7 6 5*2 6 7*5 15 11 14 13 28 20 22 20*2 22*3 23 22 23*5 24 23 24*2 22 23 24 23*4 21 22 23 22 23*2 24 ' +
    '22 21 20 22*2 23*2 21 23 22*2 24 21 22 23*2 21*2 22 21 23 22 23*2 20 22*3 23 22*2 23 26*2 20 19 22 23 22 25 26*3 27*2 26 24 25 ' +
    '19 21 26 27*2 26 27 24 21*2 26*2 28 27*3 20 24 20 21 22 21*2 23 22*2 25*2 24*2 26 23 26 27 26*2 27*5 28 27*5 26 30',
);
const SYMBOLS = 256;
const END_OF_STRING = 256;

/** Of a step: a byte comes out, and the string may end here (what is left are the first bits of the end of the string). */
const EMITS = 1;
const MAY_END = 2;
const FAILS = 4;

/** For each state and each four bits: what becomes of them, the byte, and the state after them. */
const { flags: FLAGS, bytes: BYTES, next: NEXT } = steps();

let output = Buffer.allocUnsafeSlow(1024);

/** The text of `bytes[from, to)`, or null: it is no text in this code (RFC 7541 §5.2). */
export function decodeHuffman(bytes: Buffer, from: number, to: number): string | null {
  // The shortest code has five bits.
  const most = Math.ceil(((to - from) * 8) / 5);
  if (output.length < most) output = Buffer.allocUnsafeSlow(2 * most);
  let state = 0;
  let flags = MAY_END;
  let length = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    for (let nibble = byte >> 4, half = 0; half < 2; half++, nibble = byte & 15) {
      const step = (state << 4) | nibble;
      flags = FLAGS[step] ?? FAILS;
      if ((flags & EMITS) !== 0) output[length++] = BYTES[step] ?? 0;
      if ((flags & FAILS) !== 0) return null;
      state = NEXT[step] ?? 0;
    }
  }
  return (flags & MAY_END) === 0 ? null : latin1(output, 0, length);
}

function lengths(text: string): number[] {
  return text.split(' ').flatMap((run) => {
    const [length = 0, times = 1] = run.split('*').map(Number);
    return Array.from({ length: times }, () => length);
  });
}

/** A place in the tree of codes: two branches, or the symbol that is found here. */
interface Node {
  readonly branches: [Node | null, Node | null];
  symbol: number;
  /** Among those from which a byte can begin or go on. */
  index: number;
}

function tree(): Node {
  const root: Node = { branches: [null, null], symbol: -1, index: 0 };
  const order = CODE_LENGTHS.map((length, symbol) => ({ length, symbol }));
  order.sort((a, b) => a.length - b.length || a.symbol - b.symbol);
  let code = 0;
  let before = order[0]?.length ?? 0;
  for (const { length, symbol } of order) {
    code *= 2 ** (length - before);
    before = length;
    let node = root;
    for (let bit = length - 1; bit >= 0; bit--) {
      const branch = Math.floor(code / 2 ** bit) & 1;
      node = node.branches[branch] ??= { branches: [null, null], symbol: -1, index: 0 };
    }
    node.symbol = symbol;
    code++;
  }
  return root;
}

function steps(): { flags: Uint8Array; bytes: Uint8Array; next: Uint16Array } {
  const root = tree();
  const states = [root];
  for (const state of states)
    for (const branch of state.branches)
      if (branch !== null && branch.symbol === -1) branch.index = states.push(branch) - 1;
  const flags = new Uint8Array(SYMBOLS * 16).fill(FAILS);
  const bytes = new Uint8Array(SYMBOLS * 16);
  const next = new Uint16Array(SYMBOLS * 16);
  // Bits of padding are the first of the end of the string, all of which are ones; no more than seven.
  const mayEnd = new Set<Node>([root]);
  for (let node = root, bit = 0; bit < 7; bit++) mayEnd.add((node = node.branches[1] ?? root));
  for (const state of states) {
    for (let nibble = 0; nibble < 16; nibble++) {
      const step = (state.index << 4) | nibble;
      let node: Node | null = state;
      let found = 0;
      for (let bit = 3; bit >= 0 && node !== null; bit--) {
        node = node.branches[(nibble >> bit) & 1 ? 1 : 0];
        if (node === null || node.symbol === -1) continue;
        if (node.symbol === END_OF_STRING) {
          node = null;
          continue;
        }
        bytes[step] = node.symbol;
        found = EMITS;
        node = root;
      }
      if (node === null) continue;
      next[step] = node.index;
      flags[step] = found | (mayEnd.has(node) ? MAY_END : 0);
    }
  }
  return { flags, bytes, next };
}
