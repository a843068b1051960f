// Example documents of OpenAPI 3.0 and 3.1, of which README.md says where they are from.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Operation } from '@turnpike/config/validation';
import { loadDocument, NAMES, type LoadedDocument } from './documents.ts';
import { examplesOf, type Example } from './examples.ts';
import { operationsOf, type OperationNode } from './walk.ts';

/** What the loader says, by document (as JSON and as YAML), each message once and without the place. */
const EXPECTED_ISSUES: Readonly<Record<string, readonly string[]>> = {
  // The Responses Object must have one response at least.
  '3.0/openapi-workshop/post': ['must NOT have fewer than 1 properties'],
  '3.0/readme-legacy': ['is a format that is not checked: blob', 'is a format that is not checked: url'],
  '3.0/response-examples': ['is no media type, so no body is of it'],
  '3.0/response-multiple-mediatypes': ['is a format that is not checked: string'],
  '3.0/schema-types': [
    'is a format that is not checked: blob',
    'is a format that is not checked: json',
    'is a format that is not checked: string',
    'is a format that is not checked: unknown-format',
    'is a format that is not checked: url',
  ],
  '3.0/schema-validation': [
    'is a format that is not checked: idn-email',
    'is a format that is not checked: idn-hostname',
    'is a format that is not checked: iri',
    'is a format that is not checked: iri-reference',
  ],
  '3.0/uspto': ['is a format that is not checked: uriref'],
  '3.1/schema-types': [
    'is a format that is not checked: blob',
    'is a format that is not checked: json',
    'is a format that is not checked: string',
    'is a format that is not checked: unknown-format',
    'is a format that is not checked: url',
  ],
  // Parameters in other versions of JSON Schema, and `exclusiveMinimum: true`, which is of draft-04.
  '3.1/schema-validation-local': [
    'is a format that is not checked: idn-email',
    'is a format that is not checked: idn-hostname',
    'is a format that is not checked: iri',
    'is a format that is not checked: iri-reference',
    'is in another version of JSON Schema than 2020-12: http://json-schema.org/draft-04/schema',
    'is in another version of JSON Schema than 2020-12: https://json-schema.org/draft-05/schema',
    'is in another version of JSON Schema than 2020-12: https://json-schema.org/draft-06/schema',
    'is in another version of JSON Schema than 2020-12: https://json-schema.org/draft-07/schema',
    'is in another version of JSON Schema than 2020-12: https://json-schema.org/draft/2019-09/schema',
    'must be number',
  ],
  '3.1/schema-validation-top-level': ['must be number'],
  '3.1/train-travel': ['is a format that is not checked: iso-country-code'],
};

/** The documents among them that cannot be used. */
const EXPECTED_UNUSABLE: readonly string[] = [
  '3.0/openapi-workshop/post',
  '3.1/schema-validation-local',
  '3.1/schema-validation-top-level',
];

/** Examples that contradict what they are examples of, by document, each with its first fault. */
const EXPECTED_FAULTS: readonly string[] = [
  // A text that has JSON in it, where the schema wants a list or an object.
  '3.0/request-examples PUT /requestBody-primitive-example request application/json (cat): # type',
  '3.0/request-examples PUT /requestBody-primitive-example request application/json (dog): # type',
  '3.0/request-examples PUT /requestBody-primitive-example response 200 application/json (cat): # type',
  '3.0/request-examples PUT /requestBody-primitive-example response 200 application/json (dog): # type',
  '3.0/request-examples PATCH /requestBody-primitive-example request application/json (cat): # type',
  '3.0/request-examples PATCH /requestBody-primitive-example request application/json (dog): # type',
  '3.0/request-examples PATCH /requestBody-primitive-example response 200 application/json (cat): # type',
  '3.0/request-examples PATCH /requestBody-primitive-example response 200 application/json (dog): # type',
  // The name in `content` is a list of media types, and so none.
  '3.0/response-examples GET /examples response default text/csv, text/comma-separated-values (display_view=app): unsupported',
  // `TBD` is no duration, and `#/a~1b` a pointer in a fragment.
  '3.0/schema-validation GET /anything/jsonschema-formats query duration of schema: format',
  '3.0/schema-validation GET /anything/jsonschema-formats query json-pointer of schema: format',
  // The number on the back of the card is `writeOnly`, and in a response.
  '3.1/train-travel POST /bookings/{bookingId}/payment response 200 application/json (Card): #/source/cvc writeOnly',
];

interface Document extends LoadedDocument {
  /** The same in JSON and YAML. */
  readonly name: string;
}

interface Found {
  readonly name: string;
  readonly node: OperationNode;
  readonly document: unknown;
  readonly operation: Operation;
}

/** Templates can have in them what paths cannot; clients escape it. */
function pathOf(template: string): string {
  return template.replaceAll(/\{[^{}]*\}/g, 'x').replaceAll('#', '%23');
}

/** The operations that requests find; of others it says so. */
function foundIn({ name, usable }: Document): (Found | string)[] {
  if (usable === null) return [];
  const { document, contract } = usable;
  return operationsOf(document).map((node) => {
    const found = contract.find(node.method, pathOf(node.template), []);
    if (found.kind === 'operation' && found.operation.pointer === node.pointer)
      return { name, node, document, operation: found.operation };
    return `${name} ${node.method} ${node.template}`;
  });
}

interface Asked extends Example {
  readonly operation: Operation;
  /** With the document and the operation that it is of. */
  readonly title: string;
}

function askedOf({ name, node, document, operation }: Found): Asked[] {
  return examplesOf(document, node).map((example) => {
    const title = `${name} ${node.method} ${node.template} ${example.place}`;
    return { ...example, operation, title };
  });
}

describe('the example documents', () => {
  const documents: Document[] = [];
  before(async () => {
    for (const file of NAMES)
      documents.push({
        name: file.replace(/(?:json|yaml)\/(.*)\.\w+$/, '$1'),
        ...(await loadDocument(file)),
      });
  });
  const operations = () => documents.flatMap(foundIn);
  const found = () => operations().filter((operation) => typeof operation !== 'string');

  it('are taken without a word, but for those that are known', () => {
    assert.ok(documents.length > 110, String(documents.length));
    for (const { name, issues, usable } of documents) {
      const told = new Set(issues.map((message) => /\b(?:is|must) .*/.exec(message)?.[0] ?? message));
      assert.deepEqual([...told].toSorted(), EXPECTED_ISSUES[name] ?? [], name);
      assert.equal(usable === null, EXPECTED_UNUSABLE.includes(name), name);
    }
  });

  it('have all of their operations found by path and method', () => {
    assert.ok(found().length > 1000, String(found().length));
    assert.deepEqual(
      operations().filter((operation) => typeof operation === 'string'),
      [],
    );
  });

  it('have examples that are taken, but for those that contradict their schema', () => {
    const examples = found().flatMap(askedOf);
    assert.ok(examples.length > 500, String(examples.length));
    const faults = examples.flatMap(({ title, operation, faults }) =>
      faults(operation)
        .slice(0, 1)
        .map((first) => `${title}: ${first}`),
    );
    assert.deepEqual([...new Set(faults)], EXPECTED_FAULTS);
  });

  it('have examples that are not taken for anything else', () => {
    let refused = 0;
    for (const { title, operation, faultsOfOther } of found().flatMap(askedOf)) {
      if (faultsOfOther === null) continue;
      assert.notDeepEqual(faultsOfOther(operation), [], title);
      refused++;
    }
    assert.ok(refused > 60, String(refused));
  });
});
