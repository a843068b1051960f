import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import type { Path } from '../path.ts';
import type { ParsedText } from './parsed-text.ts';
import { parseYaml } from './yaml.ts';
import { yamlReader } from './yaml-pieces.ts';

const example = await readFile(new URL('../../test/gateway.example.yaml', import.meta.url), 'utf8');

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Every place of a value, and one that is not there beside each. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  const here = [path, [...path, 'no-such-key']];
  if (typeof value !== 'object' || value === null) return here;
  const isList = Array.isArray(value);
  const children = Object.entries(value).flatMap(([key, child]) =>
    pathsOf(child, [...path, isList ? Number(key) : key]),
  );
  return [...here, ...children];
}

/** All that can be asked of a text. */
function everythingOf({ value, faults, keyPosition, openLocator }: ParsedText): unknown {
  const locate = openLocator();
  const paths = pathsOf(value);
  return {
    // As text too: the order of keys is part of it.
    value: [value, JSON.stringify(value)],
    faults,
    places: paths.map((path) => [path, locate(path, 'key'), locate(path, 'value')]),
    keys: paths
      .filter((path) => path.length === 1 || path.length === 2)
      .map(([section = '', entry]) => [
        section,
        entry,
        keyPosition(String(section), entry === undefined ? undefined : String(entry)),
      ]),
  };
}

function agrees(read: (text: string) => ParsedText, text: string): void {
  assert.deepEqual(everythingOf(read(text)), everythingOf(parseYaml(text)), JSON.stringify(text));
}

/** Texts with a broken bar between them; many of them have quotes and line breaks of their own. */
const oneOf = (texts: string): fc.Arbitrary<string> => fc.constantFrom(...texts.split('¦'));

/** Lines of which documents can be made: much that is fine, and all that has ever made parsers stumble. */
const line = fc
  .tuple(
    oneOf('¦¦  ¦  ¦  ¦    ¦    ¦      ¦ ¦   ¦- ¦  - ¦\t'),
    fc.oneof(
      oneOf(
        `a: 1¦b:¦b:¦c: {x: 1}¦routes:¦a:¦d: [1, 2]¦e: "t"¦f: 'x'¦g: |¦h: >-¦i: |+¦j: |2¦text¦k: plain text`,
      ),
      oneOf(
        '# comment¦¦l: # c¦m: off¦"n": 1¦? o¦: p¦q : 1¦r: &x 1¦s: *x¦t: !!str 1¦<<: {a: 1}¦u: {¦v: [¦}¦]',
      ),
      oneOf(
        'w: "open¦close"¦__proto__: 1¦---¦...¦%YAML 1.2¦x:y¦a.b-c: 1¦1: 2¦null: ~¦y: 1 # c¦z:\n¦a:\r¦ä: 1¦@: 1',
      ),
    ),
  )
  .map(([indent, text]) => indent + text);

const soup = fc
  .tuple(fc.array(line, { maxLength: 14 }), oneOf('¦\n¦\n\n¦  '))
  .map(([lines, end]) => lines.join('\n') + end);

/** What can stand behind a key that is indented by two: one line, several, and comments and empty lines wherever they may be. */
const fine = fc.oneof(
  oneOf(
    ' 1¦ text # c¦¦ ~¦ "a: b"¦ {x: 1, y: [2]}¦\n    x: 1\n    y:\n      z: 2¦\n  - 1\n  - x: 1\n    y: 2¦\n    - 1',
  ),
  oneOf(
    ' |\n    a\n\n    b: c\n¦ |+\n    a\n\n\n¦ |-\n    a\n# c\n¦ >\n    a\n     b\n  # c\n¦ |1\n   a\n    b¦ |+\n\n',
  ),
  oneOf(
    ` "a\n   b\n\n   c"¦ 'a\n    b: c'¦ a\n   b\n    # c¦ [1,\n    2, # c\n    3]¦ {a: 1,\n    b: 2}¦ "\\u0041 ä 😀"`,
  ),
  oneOf(
    '\n# c\n    x: 1¦\n\n    # c\n\n    x: 1\n # c¦\n    ? a\n    : b¦\n    <<: {a: 1}¦ \u00a0x¦ 2026-01-01¦ off¦ .5',
  ),
);

/** What cannot, or has to be seen in the light of the rest. */
const odd = oneOf(
  ' *x¦ &x 1¦ !!str 1¦ "a\nb"¦ [1,\n2]¦ |\n  a¦ {¦\n   x: 1\n    y: 2¦\n    x: 1\n    x: 2¦\t1¦ a\n  b¦ "a\n  b: c"',
);

const entries = fc.uniqueArray(
  fc.tuple(
    oneOf('a¦b¦c¦d¦e¦f¦g¦1¦null¦__proto__¦a.b¦x-1'),
    fc.oneof({ weight: 30, arbitrary: fine }, { weight: 1, arbitrary: odd }),
  ),
  { maxLength: 5, selector: ([key]) => key },
);

const header = fc.oneof(
  { weight: 20, arbitrary: oneOf(':¦: # c¦:\n# c¦:\n\n¦:  ') },
  { weight: 1, arbitrary: oneOf(': &x¦: !!map¦: {}¦: text¦: |¦:\n a:') },
);

const section = fc
  .tuple(oneOf('s¦t¦u¦routes¦v¦w¦2'), header, entries)
  .map(([name, head, members]) =>
    [name + head, ...members.map(([key, value]) => `  ${key}:${value}`)].join('\n'),
  );

/** Two levels of plain keys, which are read part by part as long as all is fine. */
const plain = fc
  .tuple(
    oneOf('¦¦---\n¦# c\n¦# c\n---\n¦\n'),
    fc.uniqueArray(section, { minLength: 1, maxLength: 4, selector: (text) => text[0] }),
    oneOf('¦\n¦\n# c¦\n\n'),
  )
  .map(([before, sections, after]) => before + sections.join('\n') + after);

const edit = fc.record({
  at: fc.nat(),
  cut: fc.nat(30),
  put: fc.oneof(fc.constant(''), line, fc.constantFrom('\n', ' ', '"', '#')),
});

function edited(text: string, { at, cut, put }: { at: number; cut: number; put: string }): string {
  const start = text.length === 0 ? 0 : at % text.length;
  return text.slice(0, start) + put + text.slice(start + cut);
}

describe('reading YAML part by part', () => {
  it('keeps what has not changed', () => {
    const read = yamlReader();
    const before = read('routes:\n  a: {x: 1}\n  b: {x: 2}\n').value as Sections;
    const after = read('# moved\nroutes:\n  b: {x: 2}\n  a: {x: 3}\n').value as Sections;
    assert.equal(after['routes']?.['b'], before['routes']?.['b']);
    assert.deepEqual(after, { routes: { b: { x: 2 }, a: { x: 3 } } });
  });

  it('gives what reading it whole gives, of any text', () => {
    fc.assert(
      fc.property(fc.oneof(soup, plain), (text) => agrees(yamlReader(), text)),
      { numRuns: 1_500 },
    );
  });

  it('and so it does after any edits', () => {
    const edits = fc.array(edit, { maxLength: 6 });
    fc.assert(
      fc.property(plain, edits, (start, changes) => {
        const read = yamlReader();
        let text = start;
        agrees(read, text);
        for (const change of changes) {
          text = edited(text, change);
          agrees(read, text);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('and of a configuration as people write it', () => {
    const read = yamlReader();
    agrees(read, example);
    fc.assert(
      fc.property(edit, (change) => agrees(read, edited(example, change))),
      { numRuns: 15 },
    );
  });
});
