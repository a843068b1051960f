import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plainSource, readConfig } from './config.ts';

function telemetryOf(telemetry: object) {
  const { config, issues } = readConfig([plainSource('gateway.yaml', { telemetry })]);
  assert.ok(config, issues.map(({ message }) => message).join('\n'));
  return config.telemetry;
}

describe('telemetry.traces', () => {
  it('is off unless it is written', () => {
    assert.equal(telemetryOf({}).traces, null);
    assert.equal(telemetryOf({ traces: 'off' }).traces, null);
  });

  it('has defaults, and leaves the address to the environment', () => {
    assert.deepEqual(telemetryOf({ traces: { otlp: '' } }).traces, {
      endpoint: null,
      sample: 0.1,
      maxPerSecond: null,
      always: { errors: true, slow: true },
      slowMs: 1000,
      trust: 'proxies',
    });
  });

  it('is as it is written', () => {
    const traces = {
      otlp: 'https://collector.example/otlp',
      sample: '0.5%',
      maxPerSecond: 10,
      always: ['errors'],
      slow: '250ms',
      trust: 'everybody',
    };
    assert.deepEqual(telemetryOf({ traces }).traces, {
      endpoint: 'https://collector.example/otlp',
      sample: 0.005,
      maxPerSecond: 10,
      always: { errors: true, slow: false },
      slowMs: 250,
      trust: 'everybody',
    });
  });
});

describe('telemetry.otlp', () => {
  it('is as it is written', () => {
    const otlp = {
      headers: { 'Api-Key': 's' },
      timeout: '5s',
      compression: 'none',
      resource: { 'service.name': 'edge' },
    };
    assert.deepEqual(telemetryOf({ otlp }).otlp, {
      headers: [{ name: 'api-key', secret: 's' }],
      timeoutMs: 5000,
      compression: 'none',
      authorities: null,
      resource: [{ name: 'service.name', value: 'edge' }],
    });
  });

  it('has authorities only where there is TLS', () => {
    const document = { telemetry: { traces: { otlp: 'http://a' }, otlp: { authorities: '/a.pem' } } };
    const { issues } = readConfig([plainSource('gateway.yaml', document)]);
    assert.ok(issues.some(({ code, message }) => code === 'CONFLICT' && message.includes('http://')));
  });
});
