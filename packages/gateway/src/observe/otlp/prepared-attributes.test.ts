import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WireWriter } from '../../core/protobuf/wire-writer.ts';
import { writeAttributes, type Attributes } from './otlp-values.ts';
import { AttributeMemory, MOST, SPAN_ATTRIBUTES } from './prepared-attributes.ts';

describe('attributes that come again', () => {
  const attributes: Attributes = [
    ['turnpike.service', 'Bücher'],
    ['server.port', 8080],
  ];

  it('are the bytes that they would be each time', () => {
    const memory = new AttributeMemory();
    assert.equal(memory.get('a'), undefined);
    memory.keep('a', attributes);
    memory.keep('b', []);
    const writer = new WireWriter();
    writeAttributes(writer, SPAN_ATTRIBUTES, attributes);
    assert.deepEqual(memory.get('a'), { attributes, bytes: writer.finish() });
    assert.equal(memory.get('b')?.bytes.length, 0);
  });

  it('are bounded, however many endpoints come and go', () => {
    const memory = new AttributeMemory();
    for (let i = 0; i <= MOST; i++) memory.keep(String(i), attributes);
    assert.equal(memory.get('0'), undefined);
    assert.ok(memory.get(String(MOST)));
  });
});
