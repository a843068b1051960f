import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { allowedOrigins } from './allowed-origins.ts';

describe('allowedOrigins', () => {
  const isAllowed = allowedOrigins([
    'https://app.example.com',
    'https://app.example.com:8443',
    'https://*.wild.example',
    'http://*.wild.example:8080',
    'https://xn--bcher-kva.example',
    'http://[::1]:3000',
    'http://127.0.0.1',
    'capacitor://localhost',
  ]);

  const welcome = [
    'https://app.example.com',
    'HTTPS://App.Example.COM',
    'https://app.example.com:8443',
    'https://a.wild.example',
    'https://a.b-c.d_e.wild.example',
    'https://A.Wild.Example',
    'https://xn--bcher-kva.wild.example',
    'http://a.wild.example:8080',
    'https://xn--bcher-kva.example',
    'http://[::1]:3000',
    'http://127.0.0.1',
    'capacitor://localhost',
  ];
  for (const origin of welcome) it(`takes ${origin}`, () => assert.equal(isAllowed(origin), true));

  const strange = [
    '',
    'null',
    '*',
    'app.example.com',
    '//app.example.com',
    'http://app.example.com',
    'https://app.example.com:443',
    'https://app.example.com:80',
    'https://app.example.com:84430',
    'https://app.example.com.',
    'https://app.example.com/',
    'https://app.example.com.evil.com',
    'https://evil.com/app.example.com',
    'https://evil.com?https://app.example.com',
    'https://evil-app.example.com',
    'https://evilapp.example.com',
    'https://appxexample.com',
    'https://user@app.example.com',
    'https://app.example.com@evil.com',
    'https://app.example.com, https://evil.com',
    'https://app.example.com https://evil.com',
    'https://wild.example',
    'https://.wild.example',
    'https://a..wild.example',
    'https://..wild.example',
    'https://evilwild.example',
    'https://evil-wild.example',
    'https://a.wild.example.evil.com',
    'https://a.wild.example:8443',
    'https://a.wild.example.',
    'http://a.wild.example',
    'http://a.wild.example:80',
    'http://a.wild.example:80801',
    'https://evil.com/.wild.example',
    'https://evil.com#.wild.example',
    'https://evil.com?.wild.example',
    'https://evil.com:80.wild.example',
    'https://evil.com\\.wild.example',
    'https://evil.com%2f.wild.example',
    'https://user@a.wild.example',
    'https://user:pass@a.wild.example',
    'https://a b.wild.example',
    'https://a\t.wild.example',
    'https://\u00e9.wild.example',
    'https://*.wild.example',
    'https://b\u00fccher.example',
    'https://bucher.example',
    'http://[::1]',
    'http://127.0.0.1.evil.com',
    'capacitor://localhost.evil.com',
    `https://${'a'.repeat(320)}.wild.example`,
  ];
  for (const origin of strange) {
    it(`knows nothing of ${JSON.stringify(origin.slice(0, 50))}`, () =>
      assert.equal(isAllowed(origin), false));
  }

  it('takes null only where it is listed', () => {
    assert.equal(allowedOrigins(['null'])('null'), true);
    assert.equal(allowedOrigins(['https://null'])('null'), false);
  });

  it('takes everybody for *', () => {
    for (const origin of [...welcome, ...strange]) assert.equal(allowedOrigins(['*'])(origin), true);
  });

  it('takes nobody when nobody is listed', () => {
    for (const origin of [...welcome, ...strange]) assert.equal(allowedOrigins([])(origin), false);
  });

  it('takes exactly what a browser would call a subdomain', () => {
    const piece = fc.constantFrom(
      'a',
      'b1',
      '-',
      '.',
      '/',
      ':',
      '@',
      '#',
      '?',
      '\\',
      'wild.example',
      'evil.com',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 5 }), (pieces) => {
        const origin = `https://${pieces.join('')}.wild.example`;
        if (!isAllowed(origin)) return;
        const url = new URL(origin);
        assert.equal(url.origin, origin);
        assert.ok(url.hostname.endsWith('.wild.example'));
        assert.equal(url.port + url.username + url.search + url.hash, '');
        assert.equal(url.pathname, '/');
      }),
      { numRuns: 2000 },
    );
  });
});
