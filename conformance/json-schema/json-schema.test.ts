// The official tests of JSON Schema 2020-12, as bodies of requests. README.md says where they are from.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { Contracts } from '@turnpike/config/validation';

interface Group {
  readonly description: string;
  readonly schema: unknown;
  readonly tests: readonly {
    readonly description: string;
    readonly data: unknown;
    readonly valid: boolean;
  }[];
}

const folder = new URL('draft2020-12/', import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.json'),
);

/** Exactly these come out otherwise, by file and description. README.md says why. */
const EXPECTED_FAILURES: readonly string[] = [
  'optional/ecmascript-regex.json: \\a is not an ECMA 262 control escape: when used as a pattern',
  'optional/format/email.json: validation of e-mail addresses: a quoted string with a space in the local part is valid',
  'optional/format/email.json: validation of e-mail addresses: a quoted string with a double dot in the local part is valid',
  'optional/format/email.json: validation of e-mail addresses: a quoted string with a @ in the local part is valid',
  'optional/format/email.json: validation of e-mail addresses: an IPv4-address-literal after the @ is valid',
  'optional/format/email.json: validation of e-mail addresses: an IPv6-address-literal after the @ is valid',
  'properties.json: properties whose names are Javascript object property names: __proto__ not valid',
  'unevaluatedItems.json: unevaluatedItems with nested items: with no additional items',
  'unevaluatedItems.json: unevaluatedItems with nested items: with invalid additional item',
  'unevaluatedItems.json: unevaluatedItems depends on adjacent contains: second item is evaluated by contains',
  'unevaluatedItems.json: unevaluatedItems depends on multiple nested contains: 7 not evaluated, fails unevaluatedItems',
  "unevaluatedItems.json: unevaluatedItems and contains interact to control item dependency relationship: only b's are invalid",
  "unevaluatedItems.json: unevaluatedItems and contains interact to control item dependency relationship: only c's are invalid",
  "unevaluatedItems.json: unevaluatedItems and contains interact to control item dependency relationship: only b's and c's are invalid",
  "unevaluatedItems.json: unevaluatedItems and contains interact to control item dependency relationship: only a's and c's are invalid",
  'unevaluatedProperties.json: unevaluatedProperties with if/then/else, then not defined: when if is false and has unevaluated properties',
  'unknownKeyword.json: $id inside an unknown keyword is not a real identifier: type matches second anyOf, which has a real schema in it',
  'unknownKeyword.json: $id inside an unknown keyword is not a real identifier: type matches non-schema in first anyOf',
  'unknownKeyword.json: $id inside an unknown keyword is not a real identifier: type matches non-schema in third anyOf',
];

/** Whether a request with this body is let through. Throws if the schema cannot be used. */
function isLetThrough(schema: unknown, data: unknown): boolean {
  const body = { kind: 'text', value: JSON.stringify(schema) } as const;
  const source = { kind: 'inline', schemas: { path: {}, query: {}, headers: {}, body } } as const;
  const found = new Contracts().contract({ source, names: [], documents: {} }).find('POST', '/', []);
  const rule = found.kind === 'operation' ? found.operation.body('application/json') : null;
  if (rule?.kind !== 'check') throw new Error('the body is not checked');
  return rule.check(Buffer.from(JSON.stringify(data)).toString('latin1')).length === 0;
}

function comesOut(schema: unknown, data: unknown, valid: boolean): boolean {
  try {
    return isLetThrough(schema, data) === valid;
  } catch {
    return false;
  }
}

it('all come out as they should, but for those that are known', () => {
  let passed = 0;
  const failures: string[] = [];
  for (const file of files.toSorted()) {
    const groups = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as readonly Group[];
    for (const { description, schema, tests } of groups) {
      for (const test of tests) {
        if (comesOut(schema, test.data, test.valid)) passed++;
        else failures.push(`${file}: ${description}: ${test.description}`);
      }
    }
  }
  assert.deepEqual(failures, EXPECTED_FAILURES);
  assert.ok(passed > 1000, String(passed));
});
