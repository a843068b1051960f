import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { parseHttpTemplate, type HttpTemplate } from './http-template.ts';

/** `a * ** | name=1-2! | verb` of a template; `!` marks a variable of one segment. */
function shown({ segments, variables, verb }: HttpTemplate): string {
  const parts = segments.map((segment) =>
    segment.kind === 'literal' ? segment.text : segment.kind === 'one' ? '*' : '**',
  );
  const bound = variables.map(
    ({ field, from, to, isSingle }) => `${field.join('.')}=${from}-${to}${isSingle ? '!' : ''}`,
  );
  return [parts.join(' '), ...bound, ...(verb === '' ? [] : [`:${verb}`])].join(' | ');
}

function read(text: string): string {
  const parsed = parseHttpTemplate(text);
  return parsed.ok ? shown(parsed.value) : `refused: ${parsed.problem}`;
}

describe('a template of google.api.http', () => {
  const table = [
    ['/v1/books', 'v1 books'],
    ['/', ''],
    ['/v1/*/books', 'v1 * books'],
    ['/v1/**', 'v1 **'],
    ['/v1/{id}', 'v1 * | id=1-2!'],
    ['/v1/{id=*}', 'v1 * | id=1-2!'],
    ['/v1/{name=shelves/*/books/*}', 'v1 shelves * books * | name=1-5'],
    ['/v1/{name=**}', 'v1 ** | name=1-Infinity'],
    ['/v1/{name=files/**}:cancel', 'v1 files ** | name=1-Infinity | :cancel'],
    ['/v1/{book.author.name}/x', 'v1 * x | book.author.name=1-2!'],
    ['/v1/{a}/{b=c/*}:d', 'v1 * c * | a=1-2! | b=2-4 | :d'],
    ['/v1/{name=literal}', 'v1 literal | name=1-2'],
    ['/v1/books:search', 'v1 books | :search'],
    ['/v1/a:b/c', 'v1 a:b c'],
    ['/v1/a:b:c', 'v1 a:b | :c'],
    ['/pkg.v1.Greeter/SayHello', 'pkg.v1.Greeter SayHello'],
    ['/v1/caf%C3%A9', 'v1 café'],
  ] as const;
  for (const [text, expected] of table) it(`${text} is read`, () => assert.equal(read(text), expected));

  const refused = [
    ['', /does not start/],
    ['v1/books', /does not start/],
    ['/v1//books', /empty segment/],
    ['/v1/', /empty segment/],
    ['/v1/{a={b}}', /variable inside/],
    ['/v1/{a', /\{ without \}/],
    ['/v1/{a=b/c', /\{ without \}/],
    ['/v1/a}', /\} without|neither/],
    ['/v1/{}', /path of a field/],
    ['/v1/{a.}', /path of a field/],
    ['/v1/{1a}', /path of a field/],
    ['/v1/{a=}', /empty segment/],
    ['/v1/{a=b/}', /empty segment/],
    ['/v1/{a}{b}', /no \/ before/],
    ['/v1/x{b}', /neither|no \/ before/],
    ['/v1/{a}x', /no \/ before/],
    ['/v1/{a}/{a}', /twice/],
    ['/v1/**/books', /not the last/],
    ['/v1/{a=**}/books', /not the last/],
    ['/v1/a*', /neither/],
    ['/v1/***', /neither/],
    ['/v1/books:', /verb/],
    ['/v1/books:a*', /verb/],
    ['/v1/%zz', /neither/],
    ['/v1/%FF', /neither/],
    ['/v1/..', /neither/],
    ['/v1/a b', /space/],
    ['/v1/books?x=1', /queries/],
    [`/${'a/'.repeat(64)}b`, /more than 64/],
    [`/${'a'.repeat(2100)}`, /longer/],
  ] as const;
  for (const [text, problem] of refused)
    it(`${text.slice(0, 30)} is refused`, () => assert.match(read(text), problem));

  it('never breaks the parser, and what is read keeps to the grammar', () => {
    const part = fc.constantFrom('/', '{', '}', '=', '*', '**', ':', '.', 'a', 'b1', '%2F', '%', 'x_y', '-');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
        const parsed = parseHttpTemplate(`/${parts.join('')}`);
        if (!parsed.ok) return;
        const { segments, variables } = parsed.value;
        for (const { from, to } of variables) assert.ok(from < Math.min(to, segments.length));
        assert.ok(segments.slice(0, -1).every(({ kind }) => kind !== 'rest'));
      }),
      { numRuns: 2000 },
    );
  });
});
