import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readEtcdValue } from './etcd-value.ts';

const PLAIN = { weight: 1, zone: null, priority: 0, isDraining: false };

describe('a value in etcd', () => {
  for (const [text, endpoint] of [
    ['http://10.0.0.1:8080', { host: '10.0.0.1', port: 8080, ...PLAIN }],
    [' http://a.internal\n', { host: 'a.internal', port: 80, ...PLAIN }],
    ['{"url":"http://[::1]:81"}', { host: '::1', port: 81, ...PLAIN }],
    [
      '{"url":"http://a","weight":2,"zone":"a","priority":1,"draining":true}',
      { host: 'a', port: 80, weight: 2, zone: 'a', priority: 1, isDraining: true },
    ],
    ['{"host":"::1","port":81,"weight":0}', { host: '::1', port: 81, ...PLAIN, weight: 0 }],
    ['{"Op":0,"Addr":"10.0.0.1:8080","Metadata":null}', { host: '10.0.0.1', port: 8080, ...PLAIN }],
    ['{"Addr":"10.0.0.1:8080","Metadata":{"weight":"x"}}', { host: '10.0.0.1', port: 8080, ...PLAIN }],
  ] as const)
    it(`may be ${text.trim()}`, () => assert.deepEqual(readEtcdValue(text), endpoint));

  it('is no endpoint otherwise', () => {
    for (const text of [
      '',
      'a',
      'https://a',
      'http://a/b',
      '[]',
      '"http://a"',
      '{',
      '{}',
      '{"url":null}',
      '{"url":{}}',
      '{"url":"http://a","weight":"2"}',
      '{"host":"a"}',
      '{"host":"a","port":"80"}',
      '{"url":"https://a","host":"a","port":80}',
      '{"Op":1,"Addr":"a:80"}',
      '{"Addr":"a"}',
    ])
      assert.ok('problem' in readEtcdValue(text), text);
  });
});
