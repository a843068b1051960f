import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AlertConfig } from '@turnpike/config';
import { alertWith, BOUND, HOUR_MS, MINUTE_MS, watched, type Watched } from './alerts-testing.ts';
import { savedAlertsFile, savedAlertsOf } from './saved-alert.ts';

/** The process ends, and the next one begins after so long with what was written to disk. */
function restarted(alert: AlertConfig, { clock, book }: Watched, awayMs = MINUTE_MS): Watched {
  const saved = savedAlertsOf(JSON.parse(JSON.stringify(savedAlertsFile(book.saved))));
  assert.ok(saved);
  clock.advance(awayMs);
  return watched(alert, { clock, saved });
}

const pages = alertWith({ severity: 'page' });
const bound = alertWith({ when: { ...BOUND, forMs: 0 }, severity: 'page' });

describe('a restart', () => {
  it('neither ends what fires nor tells it again', () => {
    const before = watched(pages);
    before.serve(60, 1000, 200);
    assert.deepEqual(before.told, ['firing page']);
    const since = before.view?.firingSince;
    const { serve, told, book, view } = restarted(pages, before);
    assert.equal(view?.firingSince, since);
    assert.equal(view?.state, 'firing');
    serve(10, 1000, 200);
    assert.deepEqual(told, []);
    assert.equal(book.views[0]?.state, 'firing');
    serve(90, 1000, 0);
    assert.deepEqual(told, ['resolved page']);
  });

  it('leaves the budget that was used up used up', () => {
    const ticket = alertWith({ severity: 'ticket' });
    const before = watched(ticket);
    before.serve(72 * 60, 1000, 0.9);
    assert.deepEqual(before.told, []);
    const { told, serve, book } = restarted(ticket, before, 10 * MINUTE_MS);
    assert.equal(book.views[0]?.value, 0.9);
    serve(9 * 60, 1000, 1.6);
    assert.deepEqual(told, [], 'a new history would have fired at once');
    serve(3 * 60, 1000, 1.6);
    assert.deepEqual(told, ['firing ticket']);
    const rate = book.views[0]?.value ?? 0;
    assert.ok(rate >= 1 && rate < 1.2, `${rate}`);
  });

  it('keeps a history as it was, also over many restarts', () => {
    let process = watched(pages);
    for (let i = 0; i < 8; i++) {
      process.serve(10 * 60 + i, 100, 0.05);
      process = restarted(pages, process, i * 1000);
    }
    const [saved] = process.book.saved;
    const readings = saved?.readings ?? [];
    assert.ok(readings.length > 400 && readings.length <= 435, `${readings.length}`);
    assert.ok(readings.every(([atMs], i) => atMs > (readings[i - 1]?.[0] ?? 0)));
    const twice = restarted(pages, process, 0);
    assert.deepEqual(twice.book.saved, process.book.saved);
  });

  it('tells again what has not arrived', () => {
    const before = watched(bound);
    before.deafen();
    before.metrics.gauge('turnpike_config_revision', {}).set(6);
    before.serve(1, 0, 0);
    assert.deepEqual(before.told, ['firing page']);
    const after = restarted(bound, before);
    after.metrics.gauge('turnpike_config_revision', {}).set(6);
    after.serve(1, 0, 0);
    assert.deepEqual(after.told, ['firing page']);
    after.deafen();
    after.metrics.gauge('turnpike_config_revision', {}).set(0);
    after.serve(5, 0, 0);
    assert.deepEqual(after.told, ['firing page', 'resolved page']);
    const last = restarted(bound, after);
    assert.deepEqual(last.told, ['resolved page']);
  });

  it('gives what fires two minutes before it is over', () => {
    const before = watched(bound);
    before.metrics.gauge('turnpike_config_revision', {}).set(6);
    before.serve(1, 0, 0);
    const { serve, told } = restarted(bound, before, HOUR_MS);
    serve(1.75, 0, 0);
    assert.deepEqual(told, []);
    serve(0.25, 0, 0);
    assert.deepEqual(told, ['resolved page']);
  });

  it('keeps silence, and tells when it ends', () => {
    const fromMs = 1_700_000_000_000;
    const silenced = { ...bound, silence: [{ fromMs, toMs: fromMs + HOUR_MS }] };
    const before = watched(silenced);
    before.metrics.gauge('turnpike_config_revision', {}).set(6);
    before.serve(5, 0, 0);
    const after = restarted(silenced, before);
    assert.equal(after.view?.state, 'silenced');
    after.metrics.gauge('turnpike_config_revision', {}).set(6);
    after.serve(55, 0, 0);
    assert.deepEqual(after.told, ['firing page']);
    assert.equal(after.view?.firingSince, before.view?.firingSince);
  });

  it('ends an alert that is another one since', () => {
    const before = watched(bound);
    before.metrics.gauge('turnpike_config_revision', {}).set(6);
    before.serve(1, 0, 0);
    const { told, view } = restarted({ ...bound, severity: 'ticket' }, before);
    assert.deepEqual(told, ['resolved page']);
    assert.equal(view?.state, 'quiet');
  });

  it('names alerts that are gone', () => {
    const before = watched(bound);
    before.metrics.gauge('turnpike_config_revision', {}).set(6);
    before.serve(1, 0, 0);
    const { book, told } = watched({ ...bound, name: 'another' });
    assert.deepEqual(
      book.restore(before.book.saved).map(({ name }) => name),
      ['orders'],
    );
    assert.deepEqual(told, []);
  });

  it('of a machine whose clock was set back leaves out what has not been yet', () => {
    const before = watched(pages);
    before.serve(120, 1000, 0);
    const { clock, serve, told } = restarted(pages, before, -60 * MINUTE_MS);
    assert.ok(clock.now() > 0);
    serve(10, 1000, 500);
    assert.deepEqual(told, ['firing page']);
  });
});

describe('silence', () => {
  it('may be asked for while an alert fires, and ends nothing', () => {
    const { metrics, serve, told, book, clock } = watched(bound);
    metrics.gauge('turnpike_config_revision', {}).set(6);
    serve(1, 0, 0);
    const fromMs = clock.epoch();
    book.use([{ ...bound, silence: [{ fromMs, toMs: fromMs + HOUR_MS }] }]);
    serve(1, 0, 0);
    assert.equal(book.views[0]?.state, 'silenced');
    assert.deepEqual(told, ['firing page']);
  });
});

describe('silence that somebody asks for', () => {
  it('holds back what is new, is shown, and what still fires at its end is told then', () => {
    const { metrics, serve, told, book, clock, silences } = watched(bound);
    const fromMs = clock.epoch();
    const about = { id: '1', alert: 'orders', reason: 'planned', author: 'ada' };
    silences.push({ ...about, fromMs, untilMs: fromMs + HOUR_MS });
    metrics.gauge('turnpike_config_revision', {}).set(6);
    serve(1, 0, 0);
    const { state, silence } = book.views[0] ?? {};
    assert.equal(state, 'silenced');
    assert.deepEqual([silence?.author, silence?.reason], ['ada', 'planned']);
    assert.deepEqual(told, []);
    silences.pop();
    serve(1, 0, 0);
    assert.deepEqual(told, ['firing page']);
    assert.equal(book.views[0]?.silence, null);
  });
});

describe('what was saved', () => {
  const good = {
    name: 'a',
    meaning: 'b',
    firing: { severity: 'page', startedAtMs: 1 },
    told: { kind: 'firing', severity: 'page', startedAtMs: 1, text: 't', value: null },
    readings: [[1, 2, 3]],
  };
  const file = (changes: object) => ({ version: 1, alerts: [{ ...good, ...changes }] });

  it('is believed when it is what we write', () => {
    assert.equal(savedAlertsOf(file({}))?.length, 1);
    assert.equal(savedAlertsOf(file({ firing: null, told: null, readings: [] }))?.length, 1);
  });

  const wrong: readonly [string, unknown][] = [
    ['nothing', null],
    ['a text', 'alerts'],
    ['another version', { version: 2, alerts: [] }],
    ['no list', { version: 1, alerts: {} }],
    ['an alert that is null', { version: 1, alerts: [null] }],
    ['no name', file({ name: 5 })],
    ['another severity', file({ firing: { severity: 'loud', startedAtMs: 1 } })],
    ['a time that is none', file({ firing: { severity: 'page', startedAtMs: 1e20 } })],
    ['news of an end', file({ told: { ...good.told, kind: 'resolved' } })],
    ['a reading of texts', file({ readings: [['1', 2, 3]] })],
    ['a reading that lacks a number', file({ readings: [[1, 2]] })],
    ['too many readings', file({ readings: Array.from({ length: 501 }, () => [1, 2, 3]) })],
  ];
  for (const [name, value] of wrong)
    it(`is not believed with ${name}`, () => assert.equal(savedAlertsOf(value), null));
});
