import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDeceptive } from './content-type.ts';

const rows: readonly (readonly [path: string, contentType: string | undefined, is: boolean])[] = [
  ['/a.css', 'text/css; charset=utf-8', false],
  ['/a.css', 'TEXT/CSS', false],
  ['/a.css', 'text/html', true],
  ['/a.css', undefined, true],
  ['/a.CSS', 'text/html', true],
  ['/account;x.css', 'text/html', true],
  ['/account/x.css;y', 'text/html', false],
  ['/account%3F.png', 'application/json', true],
  ['/a.js', 'text/javascript', false],
  ['/a.js', 'application/json', true],
  ['/a.png', 'image/webp', false],
  ['/a.woff2', 'font/woff2', false],
  ['/a.mp4', 'video/mp4', false],
  ['/a.html', 'application/json', false],
  ['/a.json', 'text/html', false],
  ['/a.css/', 'text/html', false],
  ['/v1.2/users', 'application/json', false],
  ['/a.__proto__', 'text/html', false],
  ['/', undefined, false],
];

describe('isDeceptive', () => {
  for (const [path, contentType, is] of rows) {
    it(`says ${is} of ${path} with ${contentType}`, () => assert.equal(isDeceptive(path, contentType), is));
  }
});
