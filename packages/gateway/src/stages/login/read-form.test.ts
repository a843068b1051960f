import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UNKNOWN_LENGTH, type BodySink, type BodySource } from '../../core/body.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { readForm } from './read-form.ts';

const MAX_BYTES = 20;

/** A body that the test brings piece by piece. */
function bodyOf(length = UNKNOWN_LENGTH) {
  const wanted = Promise.withResolvers<BodySink>();
  let isCancelled = false;
  const source: BodySource = {
    length,
    readTo: (sink) => wanted.resolve(sink),
    resume() {},
    cancel: () => (isCancelled = true),
  };
  return { source, sink: wanted.promise, isCancelled: () => isCancelled };
}

function formFrom(
  body: Exchange['body'],
  type = 'application/x-www-form-urlencoded; charset=utf-8',
): Exchange {
  return exchangeFrom({ method: 'POST', headers: headersOf(['Content-Type', type]), body });
}

describe('a form', () => {
  it('is read in as many pieces as it comes', async () => {
    const { source, sink } = bodyOf();
    const reading = readForm(formFrom(source), MAX_BYTES);
    const to = await sink;
    for (const piece of ['a=1', '&b', '=%C3', '%A9']) to.write(Buffer.from(piece));
    to.flush();
    to.end(null);
    const form = await reading;
    assert.deepEqual(form instanceof URLSearchParams && [...form], [
      ['a', '1'],
      ['b', 'é'],
    ]);
  });

  it('is read at once when it is there, or when there is nothing', async () => {
    const form = await readForm(formFrom('a=%20'), MAX_BYTES);
    assert.equal(form instanceof URLSearchParams && form.get('a'), ' ');
    const empty = await readForm(formFrom(null), MAX_BYTES);
    assert.equal(empty instanceof URLSearchParams && empty.size, 0);
  });

  it('is not read when it says that it is too large', async () => {
    const { source, isCancelled } = bodyOf(MAX_BYTES + 1);
    assert.equal(await readForm(formFrom(source), MAX_BYTES), 'too-large');
    assert.equal(isCancelled(), false);
  });

  it('is not read to its end when it turns out to be too large', async () => {
    const { source, sink, isCancelled } = bodyOf();
    const reading = readForm(formFrom(source), MAX_BYTES);
    (await sink).write(Buffer.alloc(MAX_BYTES, 'a'));
    assert.equal(isCancelled(), false);
    (await sink).write(Buffer.alloc(1, 'a'));
    assert.equal(await reading, 'too-large');
    assert.equal(isCancelled(), true);
  });

  it('is none when it is of another type', async () => {
    for (const type of [
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded2',
    ])
      assert.equal(await readForm(formFrom('a=1', type), MAX_BYTES), 'not-a-form');
  });

  it('fails when the client breaks off', async () => {
    const { source, sink } = bodyOf();
    const reading = readForm(formFrom(source), MAX_BYTES);
    (await sink).fail(new GatewayError('CLIENT_CLOSED', 'gone'));
    await assert.rejects(reading, { code: 'CLIENT_CLOSED' });
  });

  it('is given up when the exchange is cancelled', async () => {
    const { source, isCancelled } = bodyOf();
    const exchange = formFrom(source);
    const reading = readForm(exchange, MAX_BYTES);
    exchange.cancel('DEADLINE_EXCEEDED');
    await assert.rejects(reading, { code: 'DEADLINE_EXCEEDED' });
    assert.equal(isCancelled(), true);
  });
});
