// What bodies are read as, beside other readers. FUZZ_CASES sets how many are made up, FUZZ_SEED where the sequence begins.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { DocumentSet } from '../openapi/document-set.ts';
import { documentWith, found } from '../validation-testing.ts';
import { MAX_VIOLATIONS } from '../violation.ts';
import { shapeOf } from '../value-shape.ts';
import { urlencodedValue } from './form-value.ts';
import { readJson } from './json-text.ts';
import { formParts } from './multipart.ts';
import { strictJson } from './strict-json-testing.ts';
import { utf8Text } from './utf8.ts';

const CASES = Number(process.env['FUZZ_CASES'] ?? 500);
const RUN = { numRuns: CASES };

/** Every keyword that looks into a value in a way of its own. */
const schema = {
  anyOf: [
    {
      type: 'array',
      uniqueItems: true,
      contains: { type: 'number', multipleOf: 0.01 },
      prefixItems: [{ enum: ['x', 0] }],
    },
    {
      type: 'object',
      properties: {
        a: { type: 'integer', format: 'int64' },
        ä: { oneOf: [{ pattern: '^[^x]+$' }, { minLength: 2 }] },
      },
      patternProperties: { '^_': { not: { type: 'object' } } },
      propertyNames: { maxLength: 9, format: 'uri-reference' },
      additionalProperties: { $ref: '#/components/schemas/Any' },
      dependentRequired: { a: ['b'] },
    },
    { type: 'string', format: 'date-time', maxLength: 3 },
    { type: 'number', exclusiveMaximum: 1e300, multipleOf: 0.1 },
  ],
};
const content = { 'application/json': { schema: { ...schema, unevaluatedProperties: false } } };

/** Bytes that are put into a text somewhere, or of which some are taken away. */
const edits = (odd: readonly string[]) =>
  fc.array(fc.record({ at: fc.nat(400), cut: fc.nat(3), put: fc.constantFrom('', ...odd) }), {
    maxLength: 2,
  });

function edited(text: string, changes: readonly { at: number; cut: number; put: string }[]): string {
  return changes.reduce((rest, { at, cut, put }) => {
    const from = at % (rest.length + 1);
    return rest.slice(0, from) + put + rest.slice(from + cut);
  }, text);
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** What is no UTF-8 is replaced. */
function textOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

describe('a body of JSON', () => {
  const space = fc.constantFrom('', '', ' ', '\n\t');
  const name = fc.constantFrom(
    '"a"',
    String.raw`"\u0061"`,
    '"__proto__"',
    '"b:{"',
    '"ä"',
    '""',
    String.raw`"\ud800"`,
  );
  const scalar = fc.constantFrom(
    'null',
    'true',
    '0',
    '-0',
    '1e400',
    '-1E+400',
    '1e-400',
    '123456789012345678901234567890',
    '9007199254740993',
    '"x"',
    String.raw`"\\"`,
    String.raw`"\"]}"`,
    String.raw`"\ud83d\ude00"`,
    String.raw`"\udc00"`,
    '"😀"',
    '01',
    '.5',
    '1.',
    '+1',
    'NaN',
    "'x'",
    'undefined',
    '"\t"',
    '0x1',
    '/**/1',
  );
  const { value } = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      scalar,
      fc
        .tuple(fc.array(tie('value'), { maxLength: 3 }), space)
        .map(([items, gap]) => `[${items.join(`,${gap}`)}]`),
      fc
        .array(fc.tuple(name, space, tie('value')), { maxLength: 3 })
        .map((members) => `{${members.map(([key, gap, one]) => `${key}${gap}:${gap}${one}`).join(',')}}`),
    ),
  }));
  const odd = ['\ufeff', '\0', ',', ':', '"', '\\', '}', '[', '\u2028', '//'].map(latin1);
  const broken = ['\xff', '\xc0\x80', '\xed\xa0\x80', '\xf4\x90\x80\x80', '\xef\xbb\xbf', '\xe2\x82'];

  it('is read as a reader reads it that is strict in everything, or refused', () => {
    fc.assert(
      fc.property(value, edits([...odd, ...broken]), fc.nat(300), (text, changes, depth) => {
        const deep = depth > 150 ? '['.repeat(depth) + text + ']'.repeat(depth) : text;
        const bytes = edited(latin1(deep), changes);
        const decoded = utf8Text(bytes);
        const expected = strictJson(bytes);
        const read = decoded === null ? null : readJson(decoded);
        assert.equal(read?.ok ?? false, expected !== null, JSON.stringify(bytes));
        if (read?.ok === true) assert.deepEqual(read.value, expected?.value);
      }),
      RUN,
    );
  });

  it('never breaks a check, and none of its values comes back', () => {
    const { operation } = found(
      documentWith({
        method: 'post',
        operation: { requestBody: { content } },
        components: { schemas: { Any: schema } },
      }),
      {
        method: 'POST',
      },
    );
    fc.assert(
      fc.property(value, edits(odd), (text, changes) => {
        const rule = operation.body('application/json');
        assert.ok(rule.kind === 'check');
        const violations = rule.check(edited(latin1(text), changes));
        assert.ok(violations.length <= 2 * MAX_VIOLATIONS);
        for (const { detail, pointer = '#' } of violations) {
          assert.match(detail.replace('"^[^x]+$"', ''), /^[\w ,.'">=<-]+$/);
          assert.doesNotMatch(detail, /123456789|9007199254740993|ud83d/);
          assert.match(pointer, /^#(?:\/[\x21-\x7e]*)*$/);
        }
      }),
      RUN,
    );
  });
});

describe('a form', () => {
  const shape = shapeOf([{ value: { type: 'object' }, uri: 'file:///a' }], new DocumentSet());
  const plan = { shape, encodings: new Map() };
  const noise = fc.string({
    unit: fc.constantFrom(
      'a',
      'b',
      '=',
      '&',
      '+',
      '%20',
      '%26',
      '%3D',
      '%C3%A4',
      'ä',
      '%',
      '%zz',
      '%ff',
      '%00',
      '__proto__',
      '[',
      ';',
      '😀',
    ),
    maxLength: 20,
  });

  it('is read as browsers read it, or refused for what they replace', () => {
    fc.assert(
      fc.property(noise, (text) => {
        const { value, faults } = urlencodedValue(text, plan);
        const entries = [...new URLSearchParams(`&${text}`)];
        const isClean = !/%(?![0-9A-Fa-f]{2})/.test(text) && !entries.flat().join('').includes('\ufffd');
        assert.equal(faults.length === 0, isClean, text);
        if (isClean) assert.deepEqual(asEntries(value), grouped(entries));
      }),
      RUN,
    );
  });
});

describe('a form in parts', () => {
  const boundary = 'xyz';
  const name = fc.constantFrom('a', 'b', 'größe', '__proto__', 'a[0]', ' ', 'x;y', 'x=y', 'a:b');
  const content = fc.string({
    unit: fc.constantFrom('1', '\r\n', '\n', '\r', '--', '--xy', 'ä', ':', '"', '\0', ' '),
    maxLength: 12,
  });
  const field = fc.tuple(name, content);
  const odd = [
    '\r\n',
    '\n',
    '\r',
    '"',
    '\\',
    ';',
    ' ',
    '--',
    '--xyz',
    '\r\n--xyz',
    ':',
    'name=b',
    '\xff',
    'Content-Disposition: form-data; name="b"\r\n',
  ];

  it('has the names and values that its writer meant', () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 5 }), (fields) => {
        const parts = formParts(latin1(written(fields)), boundary);
        assert.deepEqual(
          parts?.map((part) => [part.name, utf8Text(part.bytes)]),
          fields,
        );
      }),
      RUN,
    );
  });

  it('is never taken for another one than others read, whatever is done to it', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(field, { minLength: 1, maxLength: 3 }),
        edits(odd),
        async (fields, changes) => {
          const bytes = edited(latin1(written(fields)), changes);
          const parts = formParts(bytes, boundary);
          if (parts === null) return;
          const theirs = await otherParts(bytes);
          if (theirs === null) return;
          compared++;
          assert.deepEqual(
            parts.map((part) => [part.name, part.hasFileName ? null : textOf(part.bytes)]),
            theirs,
            JSON.stringify(bytes),
          );
        },
      ),
      RUN,
    );
    assert.ok(compared > CASES / 5, String(compared));
  });

  function written(fields: readonly (readonly [string, string])[]): string {
    const parts = fields.map(
      ([own, text]) => `--${boundary}\r\nContent-Disposition: form-data; name="${own}"\r\n\r\n${text}\r\n`,
    );
    return `${parts.join('')}--${boundary}--\r\n`;
  }

  /** Names, and the texts of what is no file, as undici reads them; null: it refuses the form. */
  async function otherParts(bytes: string): Promise<unknown[] | null> {
    const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
    try {
      const form = await new Response(Buffer.from(bytes, 'latin1'), { headers }).formData();
      return [...form].map(([own, value]) => [own, typeof value === 'string' ? value : null]);
    } catch {
      return null;
    }
  }
});

function grouped(entries: readonly (readonly [string, string])[]): unknown[] {
  const byName = Map.groupBy(entries, ([own]) => own);
  return Array.from(byName, ([own, pairs]) => {
    const texts = pairs.map(([, text]) => text);
    return [own, texts.length > 1 ? texts : texts[0]];
  });
}

function asEntries(value: object): unknown[] {
  // Names that are numbers come first in an object, but none of these is one.
  return Reflect.ownKeys(value).map((own) => [own, Reflect.get(value, own)]);
}
