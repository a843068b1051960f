import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { EcsFlat, EcsVersion } from '@elastic/ecs';

/** A field of Elastic Common Schema, as the project publishes it. */
interface EcsField {
  readonly type: string;
  readonly normalize: readonly string[];
  readonly allowed_values?: readonly {
    readonly name: string;
    readonly expected_event_types?: readonly string[];
  }[];
}

const FIELDS: ReadonlyMap<string, EcsField> = new Map(Object.entries(EcsFlat));

/** For tests: throws unless a document is of Elastic Common Schema, as published; what is in `turnpike` is ours, and labels are texts. */
export function assertEcs(document: unknown): void {
  const leaves = leavesOf(document, '');
  for (const [name, value] of leaves) {
    if (name.startsWith('turnpike.')) continue;
    if (name.startsWith('labels.')) assert.equal(typeof value, 'string', name);
    else assertField(name, value);
  }
  const flat = new Map(leaves);
  assert.equal(flat.get('ecs.version'), EcsVersion);
  assert.equal(typeof flat.get('@timestamp'), 'string');
  assertCategory(flat);
}

function assertField(name: string, value: unknown): void {
  const field = FIELDS.get(name);
  assert.ok(field !== undefined, `${name} is no field of ECS ${EcsVersion}`);
  const isList = field.normalize.includes('array');
  assert.equal(Array.isArray(value), isList, name);
  for (const item of Array.isArray(value) ? value : [value]) {
    assert.ok(isOfType(field.type, item), `${name}: ${JSON.stringify(item)} is no ${field.type}`);
    const allowed: readonly string[] = field.allowed_values?.map((one) => one.name) ?? [];
    if (allowed.length > 0) assert.ok(allowed.includes(String(item)), `${name}: ${String(item)}`);
  }
}

/** Types of events go with their categories. */
function assertCategory(flat: ReadonlyMap<string, unknown>): void {
  const [category] = flat.get('event.category') as string[];
  const expected = FIELDS.get('event.category')?.allowed_values?.find(({ name }) => name === category);
  for (const type of flat.get('event.type') as string[])
    assert.ok(expected?.expected_event_types?.includes(type));
}

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case 'long':
      return Number.isSafeInteger(value);
    case 'ip':
      return isIP(String(value)) !== 0;
    case 'date':
      return typeof value === 'string' && new Date(value).toISOString() === value;
    case 'keyword':
    case 'wildcard':
    case 'match_only_text':
      return typeof value === 'string';
    default:
      return false; // not one that we write
  }
}

function leavesOf(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([name, inner]) =>
    leavesOf(inner, path === '' ? name : `${path}.${name}`),
  );
}
