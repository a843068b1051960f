import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { BodyOfReads, CollectedBody } from '../../core/body-testing.ts';
import { FULL } from '../../core/body.ts';
import { GatewayError } from '../../core/errors.ts';
import { HeldBody } from './held-body.ts';
import type { Judge } from './violation.ts';

const MIB = 1024 * 1024;
const TEXT = Buffer.from('text and more text, '.repeat(5000));
const BYTES = gzipSync(TEXT);
const BOMB = gzipSync(Buffer.alloc(20 * MIB));

/** A body in these reads under a limit, where it goes, and what was judged. */
function held(reads: readonly (readonly Buffer[])[], verdict: ReturnType<Judge> = 'end', maxBytes = MIB) {
  const source = new BodyOfReads(...reads);
  const sink = new CollectedBody();
  const judged: string[] = [];
  const judge: Judge = ({ reason }) => {
    judged.push(reason);
    return verdict;
  };
  const body = new HeldBody(source, { codings: ['gzip'], maxBytes, scanner: null }, judge);
  return { source, sink, body, judged };
}

/** Lets the thread pool and the event loop do what is under way. */
async function later(isThere: () => boolean): Promise<void> {
  for (let turn = 0; !isThere(); turn++) {
    assert.ok(turn < 1_000_000, 'it never came');
    await nextTurn();
  }
}

const [first, second, third] = [BYTES.subarray(0, 20), BYTES.subarray(20, 100), BYTES.subarray(100)] as const;

describe('HeldBody', () => {
  for (const reads of [[[BYTES]], [[first, second, third]], [[first], [second], [third]]]) {
    it(`hands on ${reads.length} reads piece by piece as they came`, async () => {
      const { source, sink, body, judged } = held(reads);
      body.readTo(sink);
      assert.equal(await sink.ended, 'end');
      assert.deepEqual(sink.pieces, reads.flat());
      assert.deepEqual(judged, []);
      assert.equal(source.isCancelled, false);
    });
  }

  it('hands nothing on of a bomb that comes in one piece', async () => {
    const { source, sink, body, judged } = held([[BOMB]]);
    body.readTo(sink);
    const error = await sink.ended;
    assert.ok(error instanceof GatewayError);
    assert.equal(error.code, 'BODY_TOO_LARGE');
    assert.equal(error.rule, 'limits.decompressedBytes');
    assert.deepEqual(judged, ['decompressedBytes']);
    assert.deepEqual(sink.pieces, []);
    assert.ok(source.isCancelled);
  });

  it('hands on no end where the body breaks off, and no byte after its end', async () => {
    const broken = held([[first], [second]]);
    broken.body.readTo(broken.sink);
    assert.ok((await broken.sink.ended) instanceof GatewayError);
    assert.deepEqual(broken.sink.pieces, [first, second]);
    const longer = held([[BYTES], [Buffer.from('garbage')], [first]]);
    longer.body.readTo(longer.sink);
    assert.ok((await longer.sink.ended) instanceof GatewayError);
    assert.deepEqual(longer.sink.pieces, [BYTES]);
    assert.equal(longer.source.left, 1);
    assert.deepEqual(longer.judged, ['coding-malformed']);
  });

  it('hands everything on where it only reports, and looks no further than the first violation', async () => {
    const rest = Buffer.from('garbage');
    const { source, sink, body, judged } = held([[BOMB, rest], [rest]], 'go on');
    body.readTo(sink);
    assert.equal(await sink.ended, 'end');
    assert.deepEqual(sink.pieces, [BOMB, rest, rest]);
    assert.deepEqual(judged, ['decompressedBytes']);
    assert.equal(source.isCancelled, false);
  });

  it('asks for more only when what came has gone on', async () => {
    const { source, sink, body } = held([[first], [second], [third]]);
    sink.answer = FULL;
    body.readTo(sink);
    await later(() => sink.pieces.length === 1);
    assert.equal(source.left, 2);
    await nextTurn();
    assert.equal(source.left, 2);
    body.resume();
    await later(() => sink.pieces.length === 2);
    assert.equal(source.left, 1);
    sink.answer = 0;
    body.resume();
    assert.equal(await sink.ended, 'end');
    assert.deepEqual(sink.pieces, [first, second, third]);
  });

  it('holds the end back as well as long as its sink has enough', async () => {
    const { sink, body } = held([[BYTES]]);
    let hasEnded = false;
    void sink.ended.then(() => (hasEnded = true));
    sink.answer = FULL;
    body.readTo(sink);
    await later(() => sink.pieces.length === 1);
    await nextTurn();
    assert.equal(hasEnded, false);
    body.resume();
    assert.equal(await sink.ended, 'end');
  });

  it('tells of a client that breaks off at once', async () => {
    const { source, sink, body, judged } = held([[first], [second]]);
    sink.answer = FULL;
    body.readTo(sink);
    const error = new GatewayError('CLIENT_CLOSED', 'gone');
    source.break(error);
    assert.equal(await sink.ended, error);
    await nextTurn();
    assert.deepEqual(sink.pieces, []);
    assert.deepEqual(judged, []);
  });

  it('stops when nobody wants the rest', async () => {
    const { source, sink, body, judged } = held([[first], [second]]);
    body.readTo(sink);
    body.cancel();
    assert.ok(source.isCancelled);
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    assert.deepEqual(sink.pieces, []);
    assert.deepEqual(judged, []);
    body.resume();
  });
});
