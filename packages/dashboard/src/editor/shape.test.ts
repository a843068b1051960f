import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configSchema } from '@turnpike/config';
import { branchOf, labelOf, type Shape, shapeReader, startOf, unitIn } from './shape.ts';

interface Section {
  readonly additionalProperties: object;
}

const document = configSchema() as unknown as { readonly properties: Readonly<Record<string, Section>> };
const read = shapeReader(document);

function shapeAt(kind: string, ...path: readonly string[]): Shape {
  let shape = read(document.properties[kind]?.additionalProperties);
  for (const key of path) {
    if (shape.kind !== 'object') assert.fail(`${key} is in no object`);
    shape = shape.keys.get(key) ?? assert.fail(`there is no ${key}`);
  }
  return shape;
}

describe('the shape of the configuration', () => {
  const cases: readonly (readonly [path: readonly string[], kind: Shape['kind']])[] = [
    [['routes'], 'object'],
    [['routes', 'match', 'path'], 'text'],
    [['routes', 'match', 'hosts'], 'list'],
    [['routes', 'match', 'headers'], 'object'],
    [['routes', 'respond', 'status'], 'number'],
    [['routes', 'policies', 'cors'], 'union'],
    [['services', 'timeouts', 'connect'], 'unit'],
    [['services', 'balancer'], 'union'],
    [['services', 'connections', 'http2'], 'choice'],
    [['apis', 'validate'], 'flag'],
    [['identityProviders', 'client', 'clientSecret'], 'secret'],
  ];
  for (const [path, kind] of cases)
    it(`has a ${kind} at ${path.join('.')}`, () => {
      const [first = '', ...rest] = path;
      assert.equal(shapeAt(first, ...rest).kind, kind);
    });

  it('knows units, defaults and references', () => {
    const connect = shapeAt('services', 'timeouts', 'connect');
    assert.equal(connect.fallback, '1s');
    assert.ok(connect.mayRefer);
    assert.equal(startOf(connect), '1s');
  });

  it('has no form without an end, and none that nobody can name', () => {
    const seen = new Set<Shape>();
    const walk = (shape: Shape, depth: number): void => {
      assert.ok(depth < 40, 'the schema has an end');
      if (seen.has(shape)) return;
      seen.add(shape);
      assert.notEqual(labelOf(shape), '');
      if (shape.kind === 'object') {
        for (const one of shape.keys.values()) walk(one, depth + 1);
        if (shape.entries !== null) walk(shape.entries, depth + 1);
      } else if (shape.kind === 'list') walk(shape.items, depth + 1);
      else if (shape.kind === 'union') {
        const labels = shape.branches.map(labelOf);
        assert.equal(new Set(labels).size, labels.length, `two branches with one name: ${labels.join(', ')}`);
        shape.branches.forEach((one) => walk(one, depth + 1));
      }
    };
    for (const kind of ['routes', 'services', 'apis', 'consumers', 'identityProviders', 'lists'])
      walk(shapeAt(kind), 0);
    assert.ok(seen.size > 300);
  });

  it('tells which branch of a union a value is of', () => {
    const cors = shapeAt('routes', 'policies', 'cors');
    if (cors.kind !== 'union') assert.fail();
    const label = (value: Parameters<typeof branchOf>[1]): string =>
      labelOf(cors.branches[branchOf(cors.branches, value)] ?? assert.fail());
    assert.equal(label('off'), 'off');
    assert.equal(label({ origins: '*' }), 'origins');
    assert.equal(branchOf(cors.branches, 17), -1);
  });
});

it('numbers with units are told from other texts', () => {
  assert.deepEqual(unitIn('500ms', ['ms', 's']), ['500', 'ms']);
  assert.deepEqual(unitIn('1.5s', ['ms', 's']), ['1.5', 's']);
  assert.equal(unitIn('5 s', ['ms', 's']), null);
  assert.equal(unitIn('5GiB', ['ms', 's']), null);
});
