import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { formParts } from './multipart.ts';

const BOUNDARY = 'xyz';

function form(...parts: readonly string[]): string {
  return `${parts.map((part) => `--${BOUNDARY}\r\n${part}\r\n`).join('')}--${BOUNDARY}--\r\n`;
}

function field(name: string, value: string, more = ''): string {
  return `Content-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}`;
}

const FIELD_A = 'Content-Disposition: form-data; name="a"';

describe('formParts', () => {
  it('takes a form apart', () => {
    const file = `content-disposition: Form-Data; name=f; filename="a;b.png"\r\nContent-Type: image/png\r\n\r\n\x00\xff\r\n--xy`;
    const parts = formParts(form(field('a', '1'), file, field('a', '')), BOUNDARY);
    assert.deepEqual(parts, [
      { name: 'a', hasFileName: false, contentType: '', bytes: '1' },
      { name: 'f', hasFileName: true, contentType: 'image/png', bytes: '\x00\xff\r\n--xy' },
      { name: 'a', hasFileName: false, contentType: '', bytes: '' },
    ]);
  });

  it('takes what stands before the first part and after the last for nothing', () => {
    assert.equal(formParts(`preamble\r\n${form(field('a', '1'))}epilogue`, BOUNDARY)?.length, 1);
    assert.deepEqual(formParts(`--${BOUNDARY}--`, BOUNDARY), []);
    assert.equal(formParts(form(field('a', '1')).replace('--xyz\r\n', '--xyz \t\r\n'), BOUNDARY)?.length, 1);
  });

  it('reads names in UTF-8, and takes encodings that change nothing', () => {
    const name = Buffer.from('größe').toString('latin1');
    const [part] = formParts(form(`Content-Transfer-Encoding: 8BIT\r\n${field(name, '1')}`), BOUNDARY) ?? [];
    assert.deepEqual([part?.name, part?.bytes], ['größe', '1']);
  });

  const wrong: readonly (readonly [what: string, body: string])[] = [
    ['has no end', form(field('a', '1')).replace('--xyz--', '')],
    ['has no part', ''],
    ['has a part without a name', form('Content-Disposition: form-data; filename="a"\r\n\r\n1')],
    ['has a part without disposition', form('\r\n1')],
    ['has a part that is no field', form('Content-Disposition: attachment; name="a"\r\n\r\n1')],
    ['has a part with two names', form(field('a', '1', '; name="b"'))],
    ['has a part with something unreadable in it', form(field('a', '1', '; "'))],
    ['has a part without an empty line', form('Content-Disposition: form-data; name="a"')],
    ['has a head that does not end', form(`X: ${'a'.repeat(10_000)}\r\n${field('a', '1')}`)],
    ['has another boundary', form(field('a', '1')).replaceAll('xyz', 'abc')],
    ['has a name that is not UTF-8', form(field('\xff', '1'))],
    ['has a name with an escape in it', form(field('pri\\ce', '1'))],
    ['has a name in two notations', form(field('a', '1', "; name*=utf-8''price"))],
    ['has a part with two dispositions', form(`${FIELD_A}\r\n${field('b', '1')}`)],
    ['has a part with a line that goes on', form(`${FIELD_A}\r\n ; name="b"\r\n\r\n1`)],
    ['has a part with a space before the colon', form(`Content-Disposition : x\r\n${field('a', '1')}`)],
    ['has a bare LF in the head of a part', form(`X: a\nContent-Disposition: x\r\n${field('a', '1')}`)],
    ['has a part in another encoding', form(`Content-Transfer-Encoding: base64\r\n${field('a', 'MQ==')}`)],
    ['has its boundary after a bare LF', form(field('a', '1\n--xyz\r\nx'))],
    ['has its boundary in a line', form(field('a', 'a --xyz'))],
    ['has its boundary before the first part', `x --xyz\r\n${form(field('a', '1'))}`],
    ['has too many parts', form(...Array.from({ length: 1001 }, () => field('a', '1')))],
  ];
  for (const [what, body] of wrong)
    it(`refuses a form that ${what}`, () => assert.equal(formParts(body, BOUNDARY), null));

  it('does not take a name out of the name of a file', () => {
    const parts = formParts(form(field('a', '1', '; filename="x; name=\\"b\\""')), BOUNDARY);
    assert.deepEqual(
      parts?.map(({ name }) => name),
      ['a'],
    );
  });

  it('needs a boundary, and no longer one than there may be', () => {
    assert.equal(formParts('----', ''), null);
    assert.equal(formParts(form(), 'x'.repeat(71)), null);
  });

  it('never throws, and takes time linear to the body', () => {
    const noise = fc.array(
      fc.constantFrom(
        '\r\n',
        '--xyz',
        '--',
        ' ',
        'Content-Disposition: form-data; name="a"',
        ':',
        'a',
        '"',
        ';',
      ),
    );
    fc.assert(
      fc.property(noise, (pieces) => void formParts(pieces.join(''), BOUNDARY)),
      { numRuns: 1000 },
    );
    assert.equal(formParts('\r\n--xyz'.repeat(100_000), BOUNDARY), null);
  });
});
