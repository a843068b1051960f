import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FULL, TAKEN, type BodySink, type Taken } from '../../core/body.ts';
import { BodyOfReads } from '../../core/body-testing.ts';
import { GatewayError } from '../../core/errors.ts';
import { ReplayedBody } from './replayed-body.ts';

class Reader implements BodySink {
  text = '';
  end_ = '';
  readonly #answer: Taken;

  constructor(answer: Taken = TAKEN) {
    this.#answer = answer;
  }

  write(chunk: Buffer): Taken {
    this.text += chunk.toString();
    return this.#answer;
  }

  flush(): void {}

  end(): void {
    this.end_ = 'end';
  }

  fail(error: GatewayError): void {
    this.end_ = error.code;
  }
}

function reads(...texts: string[]): BodyOfReads {
  return new BodyOfReads(...texts.map((text) => [Buffer.from(text)]));
}

describe('a body that is replayed', () => {
  it('begins again for every attempt, and goes on with what has not come yet', () => {
    const body = new ReplayedBody(reads('a', 'b', 'c'), 100);
    const [first, second] = [new Reader(FULL), new Reader()];
    const reading = body.reading();
    reading.readTo(first);
    assert.equal(first.text, 'a');
    reading.resume();
    reading.cancel();
    assert.ok(body.mayReplay);
    body.reading().readTo(second);
    assert.deepEqual([first.text, second.text, second.end_], ['ab', 'abc', 'end']);
    const third = new Reader();
    body.reading().readTo(third);
    assert.deepEqual([third.text, third.end_], ['abc', 'end']);
  });

  it('cannot begin again when more has come than is kept', () => {
    const body = new ReplayedBody(reads('ab', 'cd'), 3);
    const reader = new Reader();
    body.reading().readTo(reader);
    assert.deepEqual([reader.text, reader.end_, body.mayReplay], ['abcd', 'end', false]);
  });

  it('keeps what comes between two attempts', () => {
    const source = reads('ab', 'cd');
    const body = new ReplayedBody(source, 3);
    const reading = body.reading();
    reading.readTo(new Reader(FULL));
    reading.cancel();
    source.resume();
    assert.ok(body.mayReplay);
    const reader = new Reader();
    body.reading().readTo(reader);
    assert.deepEqual([reader.text, reader.end_, body.mayReplay], ['abcd', 'end', false]);
  });

  it('is cancelled with its last reading, and not with one before', () => {
    const source = reads('a', 'b');
    const body = new ReplayedBody(source, 100);
    const first = body.reading();
    first.readTo(new Reader(FULL));
    first.cancel();
    assert.equal(source.isCancelled, false);
    const last = body.reading();
    last.readTo(new Reader(FULL));
    body.commit();
    first.cancel();
    assert.deepEqual([source.isCancelled, body.mayReplay], [false, false]);
    last.cancel();
    assert.ok(source.isCancelled);
  });

  it('is cancelled at once when its last reading was already', () => {
    const source = reads('a', 'b');
    const body = new ReplayedBody(source, 100);
    const reading = body.reading();
    reading.readTo(new Reader(FULL));
    reading.cancel();
    body.commit();
    assert.ok(source.isCancelled);
  });

  it('cannot begin again after the client has broken off', () => {
    const source = reads('a', 'b');
    const body = new ReplayedBody(source, 100);
    const reader = new Reader(FULL);
    body.reading().readTo(reader);
    source.break(new GatewayError('CLIENT_CLOSED', 'gone'));
    assert.deepEqual([reader.end_, body.mayReplay], ['CLIENT_CLOSED', false]);
  });
});
