/** Node's own one-byte decoder, which its types leave out: no encoding name to look up on the request path. */
interface Latin1Bytes {
  latin1Slice(from: number, to: number): string;
}

/** `bytes[from, to)` as a string of one character a byte. */
export function latin1(bytes: Buffer, from: number, to: number): string {
  return (bytes as unknown as Latin1Bytes).latin1Slice(from, to);
}

/** The same latin1 text in one piece, instead of a tree of concatenations that is flattened again at every use. */
export function flattened(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
