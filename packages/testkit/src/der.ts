// What certificates are written in (X.690), as far as tests make some.

/** A SEQUENCE. */
export function sequence(...content: readonly Buffer[]): Buffer {
  return tlv(0x30, ...content);
}

/** Anything, of at most 65,535 bytes. */
export function tlv(tag: number, ...content: readonly Buffer[]): Buffer {
  const value = Buffer.concat(content);
  const { length } = value;
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), value]);
}

/** An OBJECT IDENTIFIER. */
export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): number[] {
  const digits = [arc & 127];
  for (let left = arc >> 7; left > 0; left >>= 7) digits.unshift((left & 127) | 128);
  return digits;
}
