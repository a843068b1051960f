import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { bodyViolations, documentWith, found, inShort } from '../validation-testing.ts';

const FORM = 'application/x-www-form-urlencoded';
const BOUNDARY = 'xyz';
const MULTIPART = `multipart/form-data; boundary=${BOUNDARY}`;

const INTEGER = { type: 'integer' };
const PERSON = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string' },
    age: INTEGER,
    tags: { type: 'array', items: INTEGER },
    address: { type: 'object', required: ['city'], properties: { city: { type: 'string' } } },
    photo: { type: 'string', format: 'binary' },
  },
  additionalProperties: false,
};

function operationFor(type: string, schema: object, encoding: object) {
  const requestBody = { content: { [type]: { schema, encoding } } };
  return found(documentWith({ method: 'post', operation: { requestBody } }), { method: 'POST' }).operation;
}

const form = (body: string, schema: object = PERSON, encoding = {}): string[] =>
  inShort(bodyViolations(operationFor(FORM, schema, encoding), body, FORM));

/** A part: its name, what else its disposition says, its media type, and its bytes. */
type Part = readonly [name: string, value: string, type?: string, more?: string];

function multipart(parts: readonly Part[], schema: object = PERSON, encoding = {}): string[] {
  const body = parts
    .map(([name, value, type, more = '']) => {
      const line = type === undefined ? '' : `Content-Type: ${type}\r\n`;
      return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n${line}\r\n${value}\r\n`;
    })
    .join('');
  const operation = operationFor('multipart/form-data', schema, encoding);
  return inShort(bodyViolations(operation, `${body}--${BOUNDARY}--\r\n`, MULTIPART));
}

describe('a form', () => {
  it('is read as its schema wants it', () => {
    assert.deepEqual(form('name=J%C3%B6rg+M&age=7&tags=1&tags=2&address=%7B%22city%22%3A%22B%22%7D'), []);
    assert.deepEqual(form('name=a&tags=1'), []);
    assert.deepEqual(form('age=x&tags=1&tags=y&address=%7B%7D'), [
      '# required',
      '#/age type',
      '#/tags/1 type',
      '#/address required',
    ]);
  });

  it('has nothing that its schema does not have', () =>
    assert.deepEqual(form('name=a&x=1'), ['#/x additionalProperties']));

  it('has no property twice that is no list', () => assert.deepEqual(form('name=a&name=b'), ['#/name type']));

  it('is read as its encoding says', () => {
    const encoding = {
      tags: { style: 'pipeDelimited' },
      address: { style: 'deepObject' },
      age: { contentType: 'application/json' },
    };
    assert.deepEqual(form('name=a&tags=1%7C2&address[city]=B&age=7', PERSON, encoding), []);
    assert.deepEqual(form('name=a&tags=1%7Cx&address[x]=B&age={', PERSON, encoding), [
      '#/age syntax',
      '#/tags/1 type',
      '#/address required',
    ]);
  });

  it('has to be decodable', () => {
    assert.deepEqual(form('name=%zz'), ['#/name encoding']);
    assert.deepEqual(form('name=a&%zz=1'), ['# encoding']);
    assert.deepEqual(form('name=a&address=%7B'), ['#/address syntax']);
    const operation = operationFor(FORM, PERSON, {});
    const rule = operation.body(FORM);
    assert.deepEqual(rule.kind === 'check' && inShort(rule.check('name=\xff')), ['# encoding']);
  });
});

describe('a form in parts', () => {
  it('is read as its schema wants it', () => {
    const parts: Part[] = [
      ['name', 'Jörg'],
      ['age', '7', 'text/plain'],
      ['tags', '1'],
      ['tags', '2'],
      ['address', '{"city":"B"}', 'application/json'],
      ['photo', '\x00\xff', 'image/png', '; filename="a.png"'],
    ];
    assert.deepEqual(multipart(parts), []);
    assert.deepEqual(
      multipart([
        ['name', 'a'],
        ['address', '{"city":"B"}'],
      ]),
      [],
    );
    assert.deepEqual(
      multipart([
        ['age', 'x'],
        ['address', '{}'],
      ]),
      ['# required', '#/age type', '#/address required'],
    );
  });

  it('has parts of the media types that its encoding says', () => {
    const encoding = { photo: { contentType: 'image/png, image/*' } };
    assert.deepEqual(
      multipart(
        [
          ['name', 'a'],
          ['photo', 'x', 'image/jpeg'],
        ],
        PERSON,
        encoding,
      ),
      [],
    );
    assert.deepEqual(
      multipart(
        [
          ['name', 'a'],
          ['photo', 'x', 'text/html'],
        ],
        PERSON,
        encoding,
      ),
      ['#/photo contentType'],
    );
    assert.deepEqual(
      multipart(
        [
          ['name', 'a'],
          ['photo', 'x'],
        ],
        PERSON,
        encoding,
      ),
      ['#/photo contentType'],
    );
  });

  it('has to be readable', () => {
    assert.deepEqual(
      multipart([
        ['name', 'a'],
        ['address', '{', 'application/json'],
      ]),
      ['#/address syntax'],
    );
    const operation = operationFor('multipart/form-data', PERSON, {});
    for (const [type, body] of [
      [MULTIPART, 'nonsense'],
      ['multipart/form-data', '--'],
    ] as const)
      assert.deepEqual(inShort(bodyViolations(operation, body, type)), ['# syntax']);
  });

  it('takes the bytes of a file as they are', () => {
    const schema = { properties: { f: { type: 'string', maxLength: 2 } } };
    assert.deepEqual(multipart([['f', '\x00\x01', 'image/png', '; filename="a"']], schema), []);
    assert.deepEqual(multipart([['f', '\x00\x01\x02', 'image/png', '; filename="a"']], schema), [
      '#/f maxLength',
    ]);
  });
});

describe('reading forms', () => {
  it('never throws, whatever is sent', () => {
    const operation = operationFor(FORM, PERSON, { tags: { style: 'deepObject' } });
    const noise = fc.string({
      unit: fc.constantFrom(
        'name',
        'tags',
        'address',
        '[',
        ']',
        '=',
        '&',
        '%',
        '7B',
        '+',
        '\u00ff',
        '__proto__',
      ),
    });
    fc.assert(
      fc.property(noise, (body) => {
        assert.ok(bodyViolations(operation, body, FORM).length < 500);
      }),
      { numRuns: 500 },
    );
  });

  it('takes a name that objects have by themselves for a property', () => {
    assert.deepEqual(form('name=a&__proto__=1'), ['#/__proto__ additionalProperties']);
  });
});
