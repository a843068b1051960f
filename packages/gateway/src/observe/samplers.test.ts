import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LagMeter } from './lag-meter.ts';
import { metricsBuffer } from './metric-memory.ts';
import { ThreadMetrics } from './metrics.ts';
import { metricsReference } from './metrics-reference.ts';
import { CATALOGUE } from './catalogue.ts';
import { exposition } from './prometheus.ts';
import { processSampler, sampleThread } from './samplers.ts';

describe('the lag meter', () => {
  it('tells the maximum and the mean of how late its ticks are', () => {
    const meter = new LagMeter(100);
    for (const ms of [0, 100, 250, 340, 440]) meter.tick(ms);
    assert.equal(meter.maxSeconds, 0.05);
    assert.equal(meter.meanSeconds, 0.0125);
  });

  it('forgets a peak after one to two windows', () => {
    const meter = new LagMeter(100);
    meter.tick(0);
    meter.tick(5100);
    let ms = 5100;
    while (ms < 59_000) meter.tick((ms += 100));
    assert.equal(meter.maxSeconds, 5);
    while (ms < 61_000) meter.tick((ms += 100));
    assert.equal(meter.maxSeconds, 0);
  });

  it('is at zero before it knows', () => {
    assert.equal(new LagMeter(100).meanSeconds, 0);
  });
});

describe('the samplers', () => {
  it('measure memory at once, and stop', () => {
    const buffer = metricsBuffer();
    const stop = sampleThread(new ThreadMetrics(buffer));
    stop();
    assert.match(
      exposition([{ thread: '7', buffer }], null),
      /^turnpike_memory_bytes\{thread="7",kind="heap_used"\} \d{6,}$/m,
    );
  });

  it('measure the process when they are asked', () => {
    const buffer = metricsBuffer();
    const sample = processSampler(new ThreadMetrics(buffer), '1.2.3');
    sample();
    sample();
    const text = exposition([], { thread: 'main', buffer });
    const cpu = Number(/^process_cpu_seconds_total (.+)$/m.exec(text)?.[1]);
    assert.ok(cpu > 0 && cpu <= process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6);
    assert.match(text, /^process_resident_memory_bytes \d{7,}$/m);
    assert.match(text, /^turnpike_build_info\{version="1\.2\.3",node="v\d+\.\d+\.\d+"\} 1$/m);
    const started = Number(/^process_start_time_seconds (.+)$/m.exec(text)?.[1]);
    assert.ok(Math.abs(started + process.uptime() - Date.now() / 1000) < 5);
  });
});

describe('the reference page', () => {
  it('has every metric with its labels', () => {
    const page = metricsReference();
    for (const [name, { labels }] of Object.entries(CATALOGUE)) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` |`)) ?? '';
      for (const label of Object.keys(labels)) assert.ok(row.includes(`\`${label}\``), row);
    }
  });
});
