import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseHttpTemplate } from '@turnpike/config/http-template';
import * as fc from '@turnpike/testkit/fast-check';
import { captureOf } from './captures.ts';
import { TemplateMatcher } from './template-matcher.ts';

function template(text: string) {
  const parsed = parseHttpTemplate(text);
  if (!parsed.ok) throw new Error(`${text} ${parsed.problem}`);
  return parsed.value;
}

/** Rules as `GET /v1/books`; what a request finds is the rule that it fits, with what it captures. */
function finder(...rules: readonly string[]) {
  const matcher = new TemplateMatcher<string>();
  for (const rule of rules) {
    const [method = '', text = ''] = rule.split(' ');
    assert.ok(matcher.add(method, template(text), text), `${rule} is there twice`);
  }
  return (request: string): string => {
    const [method = '', path = ''] = request.split(' ');
    const found = matcher.find(method, path);
    if (found.kind === 'unknown-path') return 'unknown';
    if (found.kind === 'unknown-method') return `only ${found.allow}`;
    const captures = template(found.value).variables.map(
      (variable) => `${variable.field.join('.')}=${captureOf(variable, found.segments) ?? 'no text'}`,
    );
    return [found.value, ...captures].join(' ');
  };
}

function table(
  find: (request: string) => string,
  rows: readonly (readonly [request: string, found: string])[],
) {
  for (const [request, found] of rows) it(`${request} is ${found}`, () => assert.equal(find(request), found));
}

describe('rule 1: * is one segment, ** is any number, {v} is {v=*}, and no variable has the leading slash', () => {
  table(finder('GET /v1/{id}', 'GET /files/{name=**}', 'GET /v1/{name=shelves/*/books/*}', 'GET /deep/*/x'), [
    ['GET /v1/7', '/v1/{id} id=7'],
    ['GET /v1/', 'unknown'],
    ['GET /v1', 'unknown'],
    ['GET /v1/7/8', 'unknown'],
    ['GET /files', '/files/{name=**} name='],
    ['GET /files/', '/files/{name=**} name='],
    ['GET /files/a', '/files/{name=**} name=a'],
    ['GET /files/a/b/c', '/files/{name=**} name=a/b/c'],
    ['GET /v1/shelves/1/books/2', '/v1/{name=shelves/*/books/*} name=shelves/1/books/2'],
    ['GET /v1/shelves/1/books', 'unknown'],
    ['GET /deep/1/x', '/deep/*/x'],
  ]);
});

describe('rule 2: of one segment all escapes are decoded, of several all but %2F', () => {
  table(
    finder('GET /v1/{id}', 'GET /v2/{name=a/*}', 'GET /v3/{rest=**}', 'GET /v4/{only=**}', 'GET /caf%C3%A9'),
    [
      ['GET /v1/a%2Fb%20c', '/v1/{id} id=a/b c'],
      ['GET /v1/%C3%A9', '/v1/{id} id=é'],
      ['GET /v1/%FF', '/v1/{id} id=no text'],
      ['GET /v2/a/b%2Fc%20d', '/v2/{name=a/*} name=a/b%2Fc d'],
      ['GET /v2/a/b%2fc%20d', '/v2/{name=a/*} name=a/b%2fc d'],
      ['GET /v3/x%2Fy/z%3A', '/v3/{rest=**} rest=x%2Fy/z:'],
      ['GET /v4/%2F', '/v4/{only=**} only=%2F'],
      ['GET /v3/%FF', '/v3/{rest=**} rest=no text'],
      ['GET /caf%C3%A9', '/caf%C3%A9'],
      ['GET /%FF', 'unknown'],
    ],
  );

  describe('and a verb is what comes after the last colon, where a template has it', () => {
    table(finder('GET /v1/{id}', 'GET /v1/{id}:cancel', 'GET /v2/{name=a/**}:read', 'GET /v3/x:go'), [
      ['GET /v1/7:cancel', '/v1/{id}:cancel id=7'],
      ['GET /v1/a:b:cancel', '/v1/{id}:cancel id=a:b'],
      ['GET /v1/7:other', '/v1/{id} id=7:other'],
      ['GET /v1/7%3Acancel', '/v1/{id} id=7:cancel'],
      ['GET /v1/:cancel', '/v1/{id} id=:cancel'],
      ['GET /v2/a/b/c:read', '/v2/{name=a/**}:read name=a/b/c'],
      ['GET /v2/a/b/c', 'unknown'],
      ['GET /v3/x:go', '/v3/x:go'],
      ['GET /v3/x', 'unknown'],
    ]);
  });
});

describe('where several templates fit, literals go before * and that before **', () => {
  table(
    finder(
      'GET /v1/*',
      'GET /v1/books',
      'GET /v1/**',
      'GET /v1/books/{x=**}',
      'POST /v1/*/new',
      'GET /v1/*/*',
    ),
    [
      ['GET /v1/books', '/v1/books'],
      ['GET /v1/other', '/v1/*'],
      ['GET /v1', '/v1/**'],
      ['GET /v1/books/1', '/v1/books/{x=**} x=1'],
      ['GET /v1/other/1', '/v1/*/*'],
      ['GET /v1/other/1/2', '/v1/**'],
      ['POST /v1/books/new', '/v1/*/new'],
      ['POST /v1/books', 'only GET, HEAD'],
    ],
  );
});

describe('rules 7 and 9: methods', () => {
  table(finder('GET /a', 'POST /a', 'PURGE /a', '* /b', 'HEAD /c', 'POST /c', 'GET /d', '* /d'), [
    ['HEAD /a', '/a'],
    ['PURGE /a', '/a'],
    ['PUT /a', 'only GET, HEAD, POST, PURGE'],
    ['BREW /b', '/b'],
    ['HEAD /c', '/c'],
    ['GET /c', 'only HEAD, POST'],
    ['DELETE /d', '/d'],
  ]);
});

it('a template of the same shape and method belongs to the first', () => {
  const matcher = new TemplateMatcher<string>();
  assert.ok(matcher.add('GET', template('/v1/{id}'), 'first'));
  assert.ok(!matcher.add('GET', template('/v1/{name=*}'), 'second'));
  assert.ok(matcher.add('GET', template('/v1/{id}:go'), 'third'));
});

it('no path breaks the matcher, and what it finds is what a simple matcher finds', () => {
  const texts = ['/a', '/a/b', '/a/*', '/*/b', '/**', '/a/**', '/a/*:v', '/b:v', '/*/*/*'];
  const find = finder(...texts.map((text) => `GET ${text}`));
  const piece = fc.constantFrom('/', 'a', 'b', ':v', ':', '%2F', '%', 'x');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const path = `/${pieces.join('')}`;
      const fitting = texts.filter((text) => fits(text, path));
      const [found = ''] = find(`GET ${path}`).split(' ');
      assert.ok(fitting.includes(found), `${path} found ${found} of ${fitting.join(' ')}`);
    }),
    { numRuns: 2000 },
  );
});

/** By a regular expression made of the template. */
function fits(text: string, path: string): boolean {
  const pattern = text.replace('/**', '(?:/.REST)?').replaceAll('/*', '/[^/]+').replace('REST', '*');
  return new RegExp(`^${pattern}$`).test(path) || (text === '/**' && path === '/');
}
