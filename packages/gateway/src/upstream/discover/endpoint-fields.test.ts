import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { placeOf, readEndpoint } from './endpoint-fields.ts';

const GOOD = { host: '10.0.0.1', port: 80 };
const READ = { host: '10.0.0.1', port: 80, weight: 1, zone: null, priority: 0, isDraining: false };

describe('an endpoint of a registry', () => {
  it('has a host and a port; what else is said of it is taken', () => {
    assert.deepEqual(readEndpoint(GOOD), READ);
    assert.deepEqual(readEndpoint({ ...GOOD, weight: null, zone: null, priority: null }), READ);
    const more = { weight: 65_535, zone: 'eu-west-1a', priority: 3, isDraining: true };
    assert.deepEqual(readEndpoint({ ...GOOD, ...more }), { ...GOOD, ...more });
  });

  for (const [host, written] of [
    ['a', 'a'],
    ['API-1.Example.com.', 'api-1.example.com'],
    ['_sip.example.com', '_sip.example.com'],
    ['2001:DB8::1', '2001:db8::1'],
  ])
    it(`may be called ${host}`, () =>
      assert.deepEqual(readEndpoint({ ...GOOD, host }), { ...READ, host: written }));

  const malformed = [
    ...['', '.', 'a..b', '-a', 'a b', 'a:80', '[::1]', 'fe80::1%eth0', '127.1', '10.0.0.256', '0x7f000001.1']
      .concat(`${'a.'.repeat(127)}a`, 'a\nb', 'a/b', 'user@a', 'ä')
      .map((host) => ({ host })),
    ...[null, 1, ['a'], { toString: 1 }].map((host) => ({ host })),
    ...[0, -1, 65_536, 1.5, '80', null, undefined, Number.NaN].map((port) => ({ port })),
    ...[-1, 0.5, 65_536, '1', true, []].map((weight) => ({ weight })),
    ...[-1, 0.5, 65_536, '1'].map((priority) => ({ priority })),
    ...['', 'a\nb', '\u202e', 'x'.repeat(129), 1, {}].map((zone) => ({ zone })),
    ...['true', 1, {}].map((isDraining) => ({ isDraining })),
  ];
  it('is none when any of it is malformed', () => {
    for (const fields of malformed)
      assert.ok('problem' in readEndpoint({ ...GOOD, ...fields }), JSON.stringify(fields));
  });
});

describe('a place', () => {
  for (const [text, place] of [
    ['http://10.0.0.1:8080', { host: '10.0.0.1', port: 8080 }],
    ['HTTP://a.internal/', { host: 'a.internal', port: 80 }],
    ['http://[2001:db8::1]:81', { host: '2001:db8::1', port: 81 }],
    ['10.0.0.1:8080', { host: '10.0.0.1', port: 8080 }],
    ['[::1]:8080', { host: '::1', port: 8080 }],
  ] as const)
    it(`is read from ${text}`, () => assert.deepEqual(placeOf(text), place));

  it('is nothing else', () => {
    const others = [
      '',
      'a',
      'http://',
      'https://a',
      'grpc://a:1',
      'http://a:80/path',
      'http://a?b',
      'http://u:p@a',
    ];
    for (const text of [...others, 'http://a:', 'http://a:123456', '::1:80', 'a:80 ', null, 1, {}])
      assert.equal(placeOf(text), null, JSON.stringify(text));
  });
});
