import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expositionFormat } from './negotiate-exposition.ts';

const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

describe('the format of the metrics', () => {
  for (const [accept, type] of [
    ['', 'text/plain'],
    ['*/*', 'text/plain'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/plain'],
    ['application/json', 'text/plain'],
    // Prometheus 2.42 without and with native histograms, then 3.x.
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      'application/openmetrics-text',
    ],
    [
      `${PROTOBUF},application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`,
      'application/vnd.google.protobuf',
    ],
    [
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
      'application/openmetrics-text',
    ],
    ['application/openmetrics-text;version=0.0.1', 'text/plain'],
    ['application/openmetrics-text; version="1.0.0"', 'application/openmetrics-text'],
    ['application/openmetrics-text', 'application/openmetrics-text'],
    ['text/plain;q=0.9, application/openmetrics-text;q=0.1', 'text/plain'],
    ['application/openmetrics-text;q=0', 'text/plain'],
    ['application/openmetrics-text;q=much', 'text/plain'],
    ['application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text', 'text/plain'],
    ['application/vnd.google.protobuf;proto=other.Message;encoding=delimited', 'text/plain'],
  ] as const) {
    it(`for '${accept}' is ${type}`, () => {
      assert.equal(expositionFormat(accept).contentType.split(';')[0], type);
    });
  }
});
