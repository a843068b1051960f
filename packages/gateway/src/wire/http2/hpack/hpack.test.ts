import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FieldDecoder } from './decoder.ts';
import { FieldEncoder } from './encoder.ts';
import { decodeHuffman } from './huffman.ts';

const LIMITS = { bytes: 4096, fields: 50 };

function decode(decoder: FieldDecoder, hex: string): string {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const found = decoder.decode(bytes, 0, bytes.length);
  return found === 'fields' ? decoder.pairs.join(' ') : found;
}

describe('header blocks', () => {
  it('are read as RFC 7541 C.4 shows, with one table for three of them', () => {
    const decoder = new FieldDecoder(LIMITS);
    const first = ':method GET :scheme http :path / :authority www.example.com';
    assert.equal(decode(decoder, '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff'), first);
    assert.equal(decode(decoder, '8286 84be 5886 a8eb 1064 9cbf'), `${first} cache-control no-cache`);
    assert.equal(
      decode(decoder, '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf'),
      ':method GET :scheme https :path /index.html :authority www.example.com custom-key custom-value',
    );
  });

  for (const [what, hex, expected] of [
    ['without Huffman and index', '00 03 782d61 01 79', 'x-a y'],
    ['never to be indexed', '10 03 782d61 01 79', 'x-a y'],
    ['an empty value', '00 03 782d61 00', 'x-a '],
    ['an entry that is none', 'be', 'broken'],
    ['the index 0', '80', 'broken'],
    ['a text that goes on after the end', '00 03 782d', 'broken'],
    ['a length that never ends', '00 7f ffffffffffffff', 'broken'],
    ['padding of eight bits', '00 01 78 82 1fff', 'broken'],
    ['padding with zeros', '00 01 78 81 18', 'broken'],
    ['the end of a string in it', '00 01 78 84 ffffffff', 'broken'],
    ['a table that is larger than ours', '3f e2 1f', 'broken'],
    ['a smaller table after a field', '82 20', 'broken'],
    ['a smaller table', '20 82', ':method GET'],
    ['an upper-case name', '00 01 58 01 79', 'malformed'],
    ['a name with a space', '00 03 782061 01 79', 'malformed'],
    ['no name', '00 00 01 79', 'malformed'],
    ['a line break', '00 01 78 03 610a62', 'malformed'],
    ['a NUL', '00 01 78 01 00', 'malformed'],
    ['a space before a value', '00 01 78 02 2079', 'malformed'],
    ['a malformed field again, from the table', '40 01 78 01 00 be', 'malformed'],
    ['a malformed name again, from the table', '40 01 58 01 79 7e 01 7a', 'malformed'],
  ] as const) {
    it(`are understood with ${what}`, () => {
      assert.equal(decode(new FieldDecoder(LIMITS), hex), expected);
    });
  }

  it('do not suffer from the value of another one under the same name', () => {
    const decoder = new FieldDecoder(LIMITS);
    assert.equal(decode(decoder, '40 01 78 01 00'), 'malformed');
    assert.equal(decode(decoder, '7e 01 79'), 'x y');
    assert.equal(decode(decoder, 'be'), 'x y');
  });

  it('push nothing out of the table for what has no room in it', () => {
    const encoder = new FieldEncoder();
    const fields = ['x-a', 'y', 'x-large', 'z'.repeat(5000)];
    encoder.encode(fields);
    const again = encoder.encode(fields);
    assert.equal(again.charCodeAt(0), 0x80 | 62);
    const decoder = new FieldDecoder({ bytes: 20_000, fields: 50 });
    for (const block of [new FieldEncoder().encode(fields), again]) {
      const bytes = Buffer.from(block, 'latin1');
      assert.equal(decoder.decode(bytes, 0, bytes.length), 'fields');
      assert.deepEqual(decoder.pairs, fields);
    }
  });

  it('are read to their end and not kept when they are too large', () => {
    const decoder = new FieldDecoder({ bytes: 100, fields: 50 });
    const large = `40 01 78 7f 01 ${'79'.repeat(128)}`;
    assert.equal(decode(decoder, `${large} ${'be'.repeat(1000)}`), 'too-large');
    assert.equal(decoder.pairs.length, 0);
    assert.equal(decode(new FieldDecoder({ bytes: 10_000, fields: 3 }), '82828282'), 'too-large');
    // What was in it is in the table.
    const other = new FieldDecoder({ bytes: 1000, fields: 1 });
    assert.equal(decode(other, '40 01 78 01 79 82'), 'too-large');
    assert.equal(decode(other, 'be'), 'x y');
  });

  it('are the same after encoding and decoding, whatever comes again and whatever has room', () => {
    const encoder = new FieldEncoder();
    const decoder = new FieldDecoder({ bytes: 100_000, fields: 1000 });
    for (let round = 0; round < 500; round++) {
      if (round % 50 === 49) encoder.resize([0, 100, 4096, 10_000][(round / 50) & 3] ?? 0);
      const pairs = [':status', String(200 + (round % 7))];
      for (let i = 0; i < 12; i++)
        pairs.push(
          `x-${(round * i) % 90}`,
          i % 3 === 0 ? 'same' : `${'v'.repeat((round * i) % 300)}${round}`,
        );
      pairs.push('set-cookie', 'a=b');
      const block = Buffer.from(encoder.encode(pairs), 'latin1');
      assert.equal(decoder.decode(block, 0, block.length), 'fields');
      assert.deepEqual(decoder.pairs, pairs);
    }
  });

  it('are short when fields come again', () => {
    const encoder = new FieldEncoder();
    const pairs = [':status', '200', 'content-type', 'application/grpc', 'server', 'x'];
    encoder.encode(pairs);
    assert.equal(encoder.encode(pairs).length, 3);
  });

  it('never tell a cookie twice by its number', () => {
    const encoder = new FieldEncoder();
    for (let i = 0; i < 2; i++) assert.equal(encoder.encode(['set-cookie', 'a=b']).charCodeAt(0), 0x1f);
  });
});

it('the code of Huffman is read to the end of a text, and of its bits', () => {
  assert.equal(decodeHuffman(Buffer.of(0b00011_111), 0, 1), 'a');
  const url = Buffer.from('9d29ad171863c78f0b97c8e9ae82ae43d3', 'hex');
  assert.equal(decodeHuffman(url, 0, url.length), 'https://www.example.com');
});
