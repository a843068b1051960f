import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BodyOfReads, CollectedBody } from '../core/body-testing.ts';
import { GatewayError } from '../core/errors.ts';
import { whenRead } from './upload.ts';

describe('an upload', () => {
  it('passes on what it reads, and says when that is all', async () => {
    const sink = new CollectedBody();
    let ends = 0;
    whenRead(new BodyOfReads([Buffer.from('ab')], [Buffer.from('c')]), () => ends++).readTo(sink);
    assert.equal(await sink.ended, 'end');
    assert.equal(sink.bytes.toString(), 'abc');
    assert.equal(ends, 1);
  });

  it('says nothing when it breaks off, or nobody wants it', async () => {
    const ends: string[] = [];
    const broken = new BodyOfReads([Buffer.from('a')], [Buffer.from('b')]);
    const sink = new CollectedBody();
    sink.answer = 2;
    whenRead(broken, () => ends.push('broken')).readTo(sink);
    broken.break(new GatewayError('CLIENT_CLOSED', 'gone'));
    assert.ok((await sink.ended) instanceof GatewayError);
    const unwanted = new BodyOfReads([Buffer.from('a')]);
    whenRead(unwanted, () => ends.push('unwanted')).cancel();
    assert.ok(unwanted.isCancelled);
    assert.deepEqual(ends, []);
  });
});
