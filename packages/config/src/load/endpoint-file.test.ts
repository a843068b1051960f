import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readEndpointFile } from './endpoint-file.ts';

function problemOf(text: string, path = 'x.yaml'): string {
  const read = readEndpointFile(path, text);
  return read.ok ? `fine: ${read.endpoints.length}` : read.problem;
}

describe('a file of endpoints', () => {
  it('has URLs, and objects with everything that an endpoint may say', () => {
    const text = `
- http://10.0.0.1:8080
- { url: "http://[::1]", weight: 5, zone: a, priority: 1, draining: true }
`;
    const plain = { weight: 1, zone: null, priority: 0, isDraining: false };
    assert.deepEqual(readEndpointFile('/x.yaml', text), {
      ok: true,
      endpoints: [
        { url: 'http://10.0.0.1:8080', host: '10.0.0.1', port: 8080, ...plain },
        {
          url: 'http://[::1]:80',
          host: '::1',
          port: 80,
          weight: 5,
          zone: 'a',
          priority: 1,
          isDraining: true,
        },
      ],
    });
  });

  it('may be JSON, and may be an empty list', () => {
    assert.equal(problemOf('["http://a", {"url":"http://b:81"}]', 'x.json'), 'fine: 2');
    assert.equal(problemOf('[]'), 'fine: 0');
  });

  const broken: readonly [string, RegExp][] = [
    ['- url: http://a\n  priority: 16', /^line 2: `priority` must be a whole number from 0 to 15/],
    ['', /^line 1: .*empty/],
    ['- http://a\n- [', /^line 2: this is not valid YAML/],
    ['endpoints: []', /^line 1: it is not a list/],
    ['- http://a\n- ftp://b', /^line 2: the endpoint has an unknown scheme/],
    ['- http://a\n\n- 7', /^line 3: the endpoint is neither a URL nor/],
    ['- url: http://a\n  weight: 1001', /^line 2: `weight` must be a whole number from 0 to 1000/],
    ['- url: http://a\n  weight: "5"', /^line 2: `weight`/],
    ['- url: http://a\n  zone: 5', /^line 2: `zone`/],
    ['- url: http://a\n  priority: -1', /^line 2: `priority`/],
    ['- url: http://a\n  draining: on', /^line 2: `draining` must be true or false/],
    ['- url: http://a\n  colour: red', /^line 2: `colour` is not known here/],
    ['- weight: 5', /^line 1: `url` must be a URL/],
    ['- url: http://a/path', /^line 1: `url` has a path/],
    ['- __proto__: {}', /^line 1: `__proto__` is not known here|`url` must be/],
  ];
  for (const [text, expected] of broken) {
    it(`that is ${JSON.stringify(text)} is refused, with the line`, () =>
      assert.match(problemOf(text), expected));
  }

  it('that is broken JSON is refused', () =>
    assert.match(problemOf('[\n"http://a",\n]', 'x.json'), /^line 3: /));
});
