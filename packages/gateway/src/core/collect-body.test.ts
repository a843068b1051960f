import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exchangeFrom } from './exchange-testing.ts';
import { BodyOfReads, CollectedBody } from './body-testing.ts';
import { FULL, UNKNOWN_LENGTH, type BodySink, type BodySource } from './body.ts';
import { collectBody } from './collect-body.ts';
import { GatewayError } from './errors.ts';
import { headersOf } from './headers.ts';

const pieces = (...texts: readonly string[]): Buffer[] => texts.map((text) => Buffer.from(text, 'latin1'));

/** A body that ends with trailers. */
function trailed(text: string): BodySource {
  return {
    length: UNKNOWN_LENGTH,
    readTo(sink) {
      sink.write(Buffer.from(text));
      sink.end(headersOf(['X-Sum', '1']));
    },
    resume() {},
    cancel() {},
  };
}

describe('collectBody', () => {
  it('waits for all of a body, which goes on as a text', async () => {
    const body = new BodyOfReads(pieces('a', '\xff'), pieces('', 'c'));
    assert.deepEqual(await collectBody(exchangeFrom(), body, 3), { bytes: 'a\xffc', body: 'a\xffc' });
    assert.deepEqual(await collectBody(exchangeFrom(), new BodyOfReads([]), 3), { bytes: '', body: null });
  });

  it('takes what is here already as it is', async () => {
    assert.deepEqual(await collectBody(exchangeFrom(), null, 3), { bytes: '', body: null });
    assert.deepEqual(await collectBody(exchangeFrom(), 'abc', 3), { bytes: 'abc', body: 'abc' });
    assert.deepEqual(await collectBody(exchangeFrom(), 'abcd', 3), { bytes: null, body: 'abcd' });
  });

  it('reads nothing of a body that says that it is too large', async () => {
    const body: BodySource = {
      length: 4,
      readTo: () => assert.fail('it was read'),
      resume() {},
      cancel() {},
    };
    assert.deepEqual(await collectBody(exchangeFrom(), body, 3), { bytes: null, body });
  });

  it('gives a body that is too large back, from its first byte on', async () => {
    const body = new BodyOfReads(pieces('ab', 'cd', 'ef'), pieces('g'), pieces('h'));
    const collected = await collectBody(exchangeFrom(), body, 3);
    assert.equal(collected.bytes, null);
    assert.equal(body.left, 2);
    const sink = new CollectedBody();
    if (typeof collected.body === 'object') collected.body?.readTo(sink);
    assert.equal(await sink.ended, 'end');
    assert.equal(sink.bytes.toString(), 'abcdefgh');
  });

  it('gives one back that ended in the same read', async () => {
    const { body } = await collectBody(exchangeFrom(), new BodyOfReads(pieces('abcd', 'e')), 3);
    const sink = new CollectedBody();
    if (typeof body === 'object') body?.readTo(sink);
    assert.equal(await sink.ended, 'end');
    assert.equal(sink.bytes.toString(), 'abcde');
  });

  it('waits when who reads on has enough', async () => {
    const source = new BodyOfReads(pieces('abcd'), pieces('e'), pieces('f'));
    const { body } = await collectBody(exchangeFrom(), source, 3);
    if (body === null || typeof body === 'string') throw new Error('it is no stream');
    const sink = new CollectedBody();
    sink.answer = FULL;
    body.readTo(sink);
    assert.deepEqual([sink.bytes.toString(), source.left], ['abcd', 2]);
    body.resume();
    assert.deepEqual([sink.bytes.toString(), source.left], ['abcde', 1]);
    body.cancel();
    assert.ok(source.isCancelled);
  });

  it('hands an end in failure on to who reads on', async () => {
    const source = new BodyOfReads(pieces('abcd'), pieces('e'));
    const { body } = await collectBody(exchangeFrom(), source, 3);
    source.break(new GatewayError('CLIENT_CLOSED', 'gone'));
    const sink = new CollectedBody();
    if (typeof body === 'object') body?.readTo(sink);
    const ending = await sink.ended;
    assert.ok(ending instanceof GatewayError && ending.code === 'CLIENT_CLOSED');
  });

  it('keeps trailers', async () => {
    const { bytes, body } = await collectBody(exchangeFrom(), trailed('ab'), 3);
    assert.equal(bytes, 'ab');
    const sink = new CollectedBody();
    if (typeof body === 'object') body?.readTo(sink);
    assert.equal(await sink.ended, 'end');
    assert.equal(sink.bytes.toString(), 'ab');
    assert.equal(sink.trailers?.get('x-sum'), '1');
  });

  it('rejects when the body breaks off', async () => {
    const error = new GatewayError('BAD_REQUEST', 'broken');
    const body: BodySource = {
      length: UNKNOWN_LENGTH,
      readTo: (sink: BodySink) => sink.fail(error),
      resume() {},
      cancel() {},
    };
    await assert.rejects(collectBody(exchangeFrom(), body, 3), error);
  });

  it('ends with the exchange', async () => {
    let isCancelled = false;
    const body: BodySource = {
      length: UNKNOWN_LENGTH,
      readTo() {},
      resume() {},
      cancel: () => (isCancelled = true),
    };
    const exchange = exchangeFrom();
    const collected = collectBody(exchange, body, 3);
    exchange.cancel('DEADLINE_EXCEEDED');
    await assert.rejects(collected, { code: 'DEADLINE_EXCEEDED' });
    assert.ok(isCancelled);
    await assert.rejects(collectBody(exchange, body, 3), { code: 'DEADLINE_EXCEEDED' });
  });
});
