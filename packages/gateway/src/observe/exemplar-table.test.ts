import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EXEMPLAR_BYTES, ExemplarTable, type Exemplar } from './exemplar-table.ts';

const trace = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  epochMs: 1_800_000_000_123,
};

function exemplar(row: number, bucket: number, value: number): Exemplar {
  return { row, bucket, value, trace };
}

describe('the table of exemplars', () => {
  it('gives back what was put, the newest of each bucket', () => {
    const buffer = new SharedArrayBuffer(64 * EXEMPLAR_BYTES);
    const table = new ExemplarTable(buffer, 0, 64);
    table.put(exemplar(40, 3, 0.5));
    table.put(exemplar(40, 3, 0.7));
    table.put(exemplar(40, 4, 0.9));
    const found = [...new ExemplarTable(buffer, 0, 64).read()].sort((a, b) => a.bucket - b.bucket);
    assert.deepEqual(found, [exemplar(40, 3, 0.7), exemplar(40, 4, 0.9)]);
  });

  it('holds no more than it has places, whatever is put', () => {
    const table = new ExemplarTable(new SharedArrayBuffer(8 * EXEMPLAR_BYTES), 0, 8);
    for (let row = 0; row < 1000; row++) table.put(exemplar(row * 40, row % 17, row));
    assert.ok([...table.read()].length <= 8);
  });

  it('leaves out an entry that a thread died over, until somebody writes it again', () => {
    const buffer = new SharedArrayBuffer(EXEMPLAR_BYTES);
    const table = new ExemplarTable(buffer, 0, 1);
    table.put(exemplar(40, 3, 0.5));
    new Int32Array(buffer)[0] = 3;
    assert.deepEqual([...table.read()], []);
    table.put(exemplar(40, 3, 0.6));
    assert.deepEqual([...table.read()], [exemplar(40, 3, 0.6)]);
  });

  it('may have no places at all', () => {
    const table = new ExemplarTable(new SharedArrayBuffer(0), 0, 0);
    table.put(exemplar(0, 0, 0));
    assert.deepEqual([...table.read()], []);
  });
});
