import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BodyOfReads, CollectedBody } from './body-testing.ts';
import { GatewayError } from './errors.ts';
import { tapBody } from './tap-body.ts';

const pieces = (...texts: readonly string[]): Buffer[] => texts.map((text) => Buffer.from(text, 'latin1'));

describe('tapBody', () => {
  for (const [maxBytes, expected] of [
    [3, 'a\xffc'],
    [2, null],
  ] as const) {
    it(`hears ${expected === null ? 'of more than' : 'up to'} ${maxBytes} bytes at the end of a body that goes on as it is`, async () => {
      const heard: unknown[] = [];
      const sink = new CollectedBody();
      tapBody(new BodyOfReads(pieces('a', '\xff'), pieces('c')), maxBytes, (bytes) =>
        heard.push(bytes),
      ).readTo(sink);
      assert.equal(await sink.ended, 'end');
      assert.equal(sink.bytes.toString('latin1'), 'a\xffc');
      assert.deepEqual(heard, [expected]);
    });
  }

  it('hears nothing of a body that breaks off or is cancelled', async () => {
    const source = new BodyOfReads(pieces('a'), pieces('b'));
    const sink = new CollectedBody();
    sink.answer = 2;
    const body = tapBody(source, 3, () => assert.fail('it was heard'));
    body.readTo(sink);
    source.break(new GatewayError('CLIENT_CLOSED', 'gone'));
    assert.ok((await sink.ended) instanceof GatewayError);
    body.cancel();
    assert.ok(source.isCancelled);
  });
});
