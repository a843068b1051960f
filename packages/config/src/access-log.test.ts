import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plainSource, readConfig, type GatewayDocument } from './config.ts';

function telemetryOf(telemetry: GatewayDocument['telemetry'], rest: GatewayDocument = {}) {
  const { config, issues } = readConfig([plainSource('/etc/gateway.yaml', { ...rest, telemetry })]);
  assert.deepEqual(issues, []);
  assert.ok(config !== null);
  return config.telemetry;
}

describe('the access log', () => {
  it('writes everything as JSON to standard output unless it is told otherwise', () => {
    const [log, ...others] = telemetryOf({}).accessLog;
    assert.deepEqual(others, []);
    assert.ok(log !== undefined);
    const { redact, ...rest } = log;
    const all = { rotate: null, fields: [], sampleRate: 1, slowMs: 1000 };
    assert.deepEqual(rest, { format: 'json', to: { kind: 'stdout' }, ...all });
    for (const name of [
      'authorization',
      'cookie',
      'set-cookie',
      'x-api-key',
      'access_token',
      'code',
      'password',
    ])
      assert.ok(redact.includes(name), name);
  });

  it('is several if it is a list, and none if it is off', () => {
    const { accessLog } = telemetryOf({
      accessLog: [
        { to: 'stderr', format: 'common' },
        { to: 'logs/a.log', rotate: { size: '1MiB', every: '1d' } },
        { to: 'otlp', otlp: 'http://collector:4318' },
      ],
    });
    assert.deepEqual(
      accessLog.map(({ to }) => to),
      [
        { kind: 'stderr' },
        { kind: 'file', path: 'logs/a.log' },
        { kind: 'otlp', endpoint: 'http://collector:4318' },
      ],
    );
    const rotate = { sizeBytes: 2 ** 20, everyMs: 86_400_000, keep: 7, gzip: true };
    assert.deepEqual(accessLog[1]?.rotate, rotate);
    assert.deepEqual(telemetryOf({ accessLog: 'off' }).accessLog, []);
    assert.deepEqual(telemetryOf({ accessLog: [] }).accessLog, []);
  });

  it('has fields in their order, from templates and rules', () => {
    const fields = { tenant: '{header.x-tenant}', plan: 'rule:identity.plan', size: 'rule: response.status' };
    assert.deepEqual(telemetryOf({ accessLog: { fields } }).accessLog[0]?.fields, [
      { name: 'tenant', source: { kind: 'template', text: '{header.x-tenant}' } },
      { name: 'plan', source: { kind: 'rule', rule: 'identity.plan' } },
      { name: 'size', source: { kind: 'rule', rule: 'response.status' } },
    ]);
  });

  it('never shows what is written as secret, nor where routes look for keys', () => {
    const rest: GatewayDocument = {
      consumers: { c: { keys: ['k'.repeat(16)] } },
      services: { s: { endpoints: ['http://a'] } },
      routes: {
        r: {
          service: 's',
          policies: {
            authenticate: { with: 'consumers', apiKeyFrom: ['header:X-Partner', 'query:partnerKey'] },
          },
        },
      },
    };
    const [log] = telemetryOf({ accessLog: { redact: ['X-Internal'] } }, rest).accessLog;
    for (const name of ['x-internal', 'x-partner', 'partnerkey', 'authorization'])
      assert.ok(log?.redact.includes(name), name);
  });
});

describe('the program log', () => {
  it('has the level of the command line unless it has one', () => {
    assert.deepEqual(telemetryOf({}).log, { level: null, components: {}, format: 'auto' });
    assert.deepEqual(telemetryOf({ log: { level: 'warn', format: 'json' } }).log, {
      level: 'warn',
      components: {},
      format: 'json',
    });
  });
});
