import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { BodySource } from '../../core/body.ts';
import { giveReadBuffer, takeReadBuffer } from '../read-buffers.ts';
import { BodyReader } from './body-reader.ts';
import { BodyWriter } from './body-writer.ts';

/** A socket that takes nothing until it is told to. */
function slowSocket() {
  const written: Buffer[] = [];
  const callbacks: ((error?: Error | null) => void)[] = [];
  const socket = {
    writableLength: 0,
    writableNeedDrain: false,
    cork() {},
    uncork() {},
    write(piece: Buffer | string, ...rest: unknown[]) {
      if (typeof piece !== 'string') {
        written.push(piece);
        this.writableLength += piece.length;
      }
      const callback = rest.find((one) => typeof one === 'function');
      if (callback !== undefined) callbacks.push(callback as (typeof callbacks)[number]);
      return true;
    },
  };
  const taken = (error: Error | null = null) => {
    socket.writableLength = 0;
    for (const callback of callbacks.splice(0)) callback(error);
  };
  return { socket, written, taken };
}

function rig(wrap = (source: BodySource) => source) {
  const slow = slowSocket();
  let kept = 0;
  const nothing = () => {};
  const reader = new BodyReader(
    'until-close',
    {
      bodyWanted: nothing,
      pauseReading: nothing,
      resumeReading: nothing,
      bufferKept: () => void kept++,
      bodyEnded: nothing,
      bytesAfterBody: nothing,
      bodyCancelled: nothing,
      bodyBroken: nothing,
    },
    'UPSTREAM_INCOMPLETE',
  );
  const writer = new BodyWriter(
    slow.socket as unknown as Socket,
    { bodyWritten: nothing, bodyAborted: nothing, writeStalled: nothing },
    { head: '', chunked: false },
  );
  writer.start(wrap(reader));
  return { ...slow, reader, writer, kept: () => kept };
}

/** Whether a buffer can be had again: takes all that are free. */
function isFree(buffer: Buffer): boolean {
  const taken: Buffer[] = [];
  // More than are ever kept.
  for (let index = 0; index < 200; index++) taken.push(takeReadBuffer());
  return taken.some((one) => one.buffer === buffer.buffer);
}

describe('memory that is lent to a socket', () => {
  it('is read into again when the socket has sent it, and not before', () => {
    const { reader, writer, taken, kept } = rig();
    const buffer = takeReadBuffer();
    reader.feed(buffer, 0, buffer.length);
    assert.equal(kept(), 1);
    assert.equal(isFree(buffer), false);
    taken();
    writer.drained();
    assert.equal(isFree(buffer), true);
  });

  it('is given back once, though several pieces were in it', () => {
    const { reader, writer, taken } = rig();
    const buffer = takeReadBuffer();
    reader.feed(buffer, 0, 5000);
    reader.feed(buffer, 5000, 10_000);
    taken();
    writer.drained();
    const again = Array.from({ length: 200 }, () => takeReadBuffer());
    assert.equal(again.filter((one) => one.buffer === buffer.buffer).length, 1);
  });

  it('is given back after the end of the body too, unless the socket failed', () => {
    for (const error of [null, new Error('reset')]) {
      const { reader, taken } = rig();
      const buffer = takeReadBuffer();
      reader.feed(buffer, 0, buffer.length);
      reader.inputEnded();
      assert.equal(isFree(buffer), false);
      taken(error);
      assert.equal(isFree(buffer), error === null);
    }
  });

  it('is not read into again where somebody between may have kept it', () => {
    const { reader, writer, taken } = rig((source) => ({
      length: source.length,
      readTo: (sink) => source.readTo(sink),
      resume: () => source.resume(),
      cancel: () => source.cancel(),
    }));
    const buffer = takeReadBuffer();
    reader.feed(buffer, 0, buffer.length);
    taken();
    writer.drained();
    assert.equal(isFree(buffer), false);
  });

  it('does not come from anywhere else', () => {
    const foreign = Buffer.allocUnsafeSlow(takeReadBuffer().length);
    giveReadBuffer(foreign);
    assert.equal(isFree(foreign), false);
  });
});
