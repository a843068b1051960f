import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { otlpResource, otlpSettings, type Environment, type OtlpWishes } from './otlp-settings.ts';

const NOTHING: OtlpWishes = {
  endpoint: null,
  headers: {},
  compression: null,
  timeoutMs: null,
  authorities: null,
  resource: {},
};

describe('where telemetry goes', () => {
  const cases: readonly [written: string | null, environment: Environment, url: string | undefined][] = [
    [null, {}, undefined],
    ['', {}, undefined],
    ['http://a:4318', {}, 'http://a:4318/v1/traces'],
    ['http://a:4318/', {}, 'http://a:4318/v1/traces'],
    ['https://a/otlp', {}, 'https://a/otlp/v1/traces'],
    ['https://a/otlp/v1/traces', {}, 'https://a/otlp/v1/traces'],
    ['http://a', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://b' }, 'http://a/v1/traces'],
    ['http://a', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b' }, 'http://a/v1/traces'],
    [null, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://b:4318/x/' }, 'http://b:4318/x/v1/traces'],
    [null, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b/mine' }, 'http://b/mine'],
    [null, { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://b/mine' }, undefined],
    [null, { OTEL_EXPORTER_OTLP_ENDPOINT: 'b:4317' }, undefined],
    ['http://a', { OTEL_SDK_DISABLED: 'true' }, undefined],
  ];
  for (const [endpoint, environment, url] of cases)
    it(`is ${url} for ${endpoint} and ${JSON.stringify(environment)}`, () =>
      assert.equal(otlpSettings('traces', { ...NOTHING, endpoint }, environment)?.url, url));
});

describe('how telemetry goes', () => {
  const ENVIRONMENT: Environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a',
    OTEL_EXPORTER_OTLP_HEADERS: 'X-Key=a%20b, other=c=d,broken=%,,=x',
    OTEL_EXPORTER_OTLP_TIMEOUT: '2500',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
  };

  it('is what the variables say', () => {
    const settings = otlpSettings('traces', NOTHING, ENVIRONMENT);
    assert.deepEqual(settings?.headers, { 'x-key': 'a b', other: 'c=d' });
    assert.equal(settings?.timeoutMs, 2500);
    assert.equal(settings?.compression, 'none');
  });

  it('is what the variables of the signal say before those of all', () => {
    const own = { OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: '100', OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: 'gzip' };
    const settings = otlpSettings('logs', NOTHING, { ...ENVIRONMENT, ...own });
    assert.equal(settings?.timeoutMs, 100);
    assert.equal(settings?.compression, 'gzip');
  });

  it('is what the configuration says before all variables', () => {
    const wishes = { ...NOTHING, headers: { 'x-key': 'mine' }, timeoutMs: 50, compression: 'gzip' as const };
    const settings = otlpSettings('traces', wishes, ENVIRONMENT);
    assert.deepEqual(settings?.headers, { 'x-key': 'mine', other: 'c=d' });
    assert.equal(settings?.timeoutMs, 50);
    assert.equal(settings?.compression, 'gzip');
  });

  it('is with gzip and ten seconds where nobody says anything', () => {
    const settings = otlpSettings('traces', { ...NOTHING, endpoint: 'http://a' }, {});
    assert.equal(settings?.compression, 'gzip');
    assert.equal(settings?.timeoutMs, 10_000);
  });
});

describe('who tells it', () => {
  const FACTS = { version: '1.2.3', hostName: 'h', instanceId: 'i', processId: 1 };
  const named = (written: Record<string, string>, environment: Environment) =>
    Object.fromEntries(otlpResource(written, environment, FACTS));

  it('is Turnpike, on a host', () => {
    const resource = named({}, {});
    assert.equal(resource['service.name'], 'turnpike');
    assert.equal(resource['service.version'], '1.2.3');
    assert.equal(resource['host.name'], 'h');
  });

  it('may be named by variables, and by the configuration before them', () => {
    const environment = {
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=c,team=core%2Fedge,zone=1',
      OTEL_SERVICE_NAME: 'b',
    };
    const { 'service.name': name, team, zone } = named({ zone: '2' }, environment);
    assert.deepEqual([name, team, zone], ['b', 'core/edge', '2']);
    assert.equal(named({ 'service.name': 'a' }, environment)['service.name'], 'a');
  });
});
