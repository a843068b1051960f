/** Node's own one-byte coder, which its types leave out: no encoding name to look up on the request path. */
interface Latin1Bytes {
  latin1Slice(from: number, to: number): string;
  latin1Write(text: string, at: number): number;
}

/** `bytes[from, to)` as a string of one character a byte. */
export function latin1(bytes: Buffer, from: number, to: number): string {
  return (bytes as unknown as Latin1Bytes).latin1Slice(from, to);
}

/** Writes a text of one-byte characters to `bytes` from `at` on, as far as there is room; gives how many. */
export function writeLatin1(bytes: Buffer, text: string, at: number): number {
  return (bytes as unknown as Latin1Bytes).latin1Write(text, at);
}

/** The same latin1 text in one piece, instead of a tree of concatenations that is flattened again at every use. */
export function flattened(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
