import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Vigil, type VigilConfig } from './vigil.ts';

const NONE: VigilConfig = { idleTimeoutMs: null, lifetimeMs: null, pingMs: null };
const flowing = () => false;

describe('the times of a WebSocket', () => {
  it('need nothing without bounds', () => {
    const vigil = new Vigil(NONE, 0, Infinity);
    assert.deepEqual(vigil.due(1e9, flowing), { kind: 'nothing', untilMs: Infinity });
  });

  it('end it with the credentials, and after its lifetime, whatever is said in it', () => {
    const vigil = new Vigil({ ...NONE, lifetimeMs: 1000 }, 0, 500);
    vigil.heard('client', true, 499);
    assert.deepEqual(vigil.due(499, flowing), { kind: 'nothing', untilMs: 500 });
    assert.deepEqual(vigil.due(500, flowing), { kind: 'end', end: 'expired' });
    const longer = new Vigil({ ...NONE, lifetimeMs: 1000 }, 0, Infinity);
    assert.deepEqual(longer.due(1000, flowing), { kind: 'end', end: 'lifetime' });
  });

  it('end it when nothing was said for long, by either side', () => {
    const vigil = new Vigil({ ...NONE, idleTimeoutMs: 1000 }, 0, Infinity);
    vigil.heard('service', true, 600);
    assert.deepEqual(vigil.due(1000, flowing), { kind: 'nothing', untilMs: 1600 });
    assert.deepEqual(vigil.due(1600, flowing), { kind: 'end', end: 'idle' });
  });

  it('ping a side that is silent, and end it when that does not answer', () => {
    const vigil = new Vigil({ ...NONE, pingMs: 100 }, 0, Infinity);
    vigil.heard('service', true, 50);
    assert.deepEqual(vigil.due(100, flowing), { kind: 'ping', to: 'client' });
    assert.deepEqual(vigil.due(100, flowing), { kind: 'nothing', untilMs: 150 });
    vigil.heard('client', false, 120);
    assert.deepEqual(vigil.due(150, flowing), { kind: 'ping', to: 'service' });
    assert.deepEqual(vigil.due(220, flowing), { kind: 'ping', to: 'client' });
    assert.deepEqual(vigil.due(250, flowing), { kind: 'end', end: 'silent' });
  });

  it('take no answer to a ping for use', () => {
    const vigil = new Vigil({ ...NONE, pingMs: 400, idleTimeoutMs: 1000 }, 0, Infinity);
    for (let atMs = 100; atMs < 1000; atMs += 100) {
      vigil.heard('client', false, atMs);
      vigil.heard('service', false, atMs);
    }
    assert.deepEqual(vigil.due(1000, flowing), { kind: 'end', end: 'idle' });
  });

  it('hold no silence against a side that is not read', () => {
    const vigil = new Vigil({ ...NONE, pingMs: 100, idleTimeoutMs: 300 }, 0, Infinity);
    const due = vigil.due(1000, (side) => side === 'service');
    assert.deepEqual(due, { kind: 'ping', to: 'client' });
    assert.equal(vigil.due(1050, (side) => side === 'service').kind, 'nothing');
  });
});
