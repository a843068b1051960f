// What is written can be read, and what nobody would write is refused in one way.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import type { Json } from '../../core/identity.ts';
import { elementJson } from './element-json.ts';
import { readXml, XmlFault } from './read-xml.ts';
import { elementsText, UnwritableValue } from './write-xml.ts';

const LIMITS = { depth: 100, elements: 10_000 };
const cases = (few: number) => ({ numRuns: Number(process.env['FUZZ_CASES'] ?? few) });

const name = fc.stringMatching(/^[A-Za-z_][\w.-]{0,8}$/);
/** Text that stays as it is: it is not only blanks beside children, and has none of the characters that XML has not. */
const text = fc.string({ unit: 'binary', maxLength: 12 }).map((some) =>
  // oxlint-disable-next-line no-control-regex -- these are the characters
  some.toWellFormed().replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, 'x'),
);
const { value } = fc.letrec<{ value: Json; object: Json }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, text, fc.constant(null), tie('object')),
  object: fc
    .dictionary(name, fc.oneof(tie('value'), fc.array(tie('value'), { minLength: 2, maxLength: 4 })), {
      minKeys: 1,
      maxKeys: 4,
      noNullPrototype: true,
    })
    .map((members) => members as Json),
}));

const scrap = fc.constantFrom(
  '<',
  '>',
  '/',
  '/>',
  '</',
  '<a',
  '<a>',
  '</a>',
  '&',
  ';',
  '&#',
  '&amp;',
  '"',
  "'",
  '=',
  ' ',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?',
  '?>',
  '<!DOCTYPE',
  'xmlns',
  ':',
  '\n',
  '\u0000',
  'é',
);
const DOCUMENT = '<?xml version="1.0"?><p:a xmlns:p="u" x="1"><b>&lt;<![CDATA[c]]></b><!-- d --><b/>e</p:a>';

/** Reads what may be nothing: gives null for what is refused, and lets nothing else through. */
function tried(document: string): unknown {
  try {
    return readXml(document, LIMITS);
  } catch (error) {
    if (error instanceof XmlFault) return null;
    throw error;
  }
}

describe('XML', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(value, (given) => {
        const document = `<r xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${elementsText([['v', given]], 1e6)}</r>`;
        const read = elementJson(readXml(document, LIMITS), new Set()) as Record<string, Json>;
        assert.deepEqual(JSON.stringify(read['v']), JSON.stringify(given));
      }),
      cases(2000),
    );
  });

  it('is refused in one way, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(scrap, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 40 }),
        (pieces) => {
          tried(pieces.join(''));
        },
      ),
      cases(5000),
    );
  });

  it('is refused or read when somebody has changed it', () => {
    const edit = fc.record({ at: fc.nat(DOCUMENT.length), cut: fc.nat(10), put: scrap });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let document = DOCUMENT;
        for (const { at, cut, put } of edits)
          document = document.slice(0, at) + put + document.slice(at + cut);
        const read = tried(document);
        if (read !== null) elementJson(read as Parameters<typeof elementJson>[0], new Set());
      }),
      cases(5000),
    );
  });

  it('is not written with names or characters that it does not have', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 4 }),
        fc.string({ unit: 'binary', maxLength: 8 }),
        (key, some) => {
          let written: string;
          try {
            written = elementsText([[key, { [`@${key}`]: some, '#text': some }]], 1e6);
          } catch (error) {
            assert.ok(error instanceof UnwritableValue);
            return;
          }
          assert.equal(readXml(written, LIMITS).name, key);
        },
      ),
      cases(2000),
    );
  });
});
