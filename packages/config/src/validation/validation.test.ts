import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { documentWith } from './validation-testing.ts';
import { Contracts } from './validation.ts';

const PATH = '/test/api.yaml';
const TEXT = JSON.stringify(documentWith({}));

/** The operation of a contract that is made of these documents. */
function operationOf(contracts: Contracts, documents: Readonly<Record<string, string>>) {
  const source = { kind: 'openapi', path: PATH, basePath: '/' } as const;
  const found = contracts.contract({ source, names: [], documents }).find('GET', '/things', []);
  return found.kind === 'operation' ? found.operation : null;
}

describe('Contracts', () => {
  it('keeps what it compiled as long as no document has changed', () => {
    const contracts = new Contracts();
    const first = operationOf(contracts, { [PATH]: TEXT, '/test/more.yaml': '{}' });
    assert.notEqual(first, null);
    assert.equal(operationOf(contracts, { '/test/more.yaml': '{}', [PATH]: TEXT }), first);
    assert.notEqual(operationOf(contracts, { [PATH]: TEXT, '/test/more.yaml': '{"a":1}' }), first);
  });

  it('knows no document that is not there', () => {
    assert.throws(() => operationOf(new Contracts(), {}), /There is no document/);
  });
});
