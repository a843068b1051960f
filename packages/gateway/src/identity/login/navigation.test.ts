import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headersOf } from '../../core/headers.ts';
import { isNavigation } from './navigation.ts';

const CHROME = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

type Row = readonly [what: string, isPage: boolean, method: string, ...fields: (readonly [string, string])[]];

const ROWS: readonly Row[] = [
  ['a link that is followed', true, 'GET', ['Sec-Fetch-Mode', 'navigate'], ['Sec-Fetch-Dest', 'document']],
  [
    'a look at the head of a page',
    true,
    'HEAD',
    ['Sec-Fetch-Mode', 'navigate'],
    ['Sec-Fetch-Dest', 'document'],
  ],
  ['a link, as some browsers tell it', true, 'GET', ['Sec-Fetch-Mode', 'navigate']],
  ['a form that is sent', false, 'POST', ['Sec-Fetch-Mode', 'navigate'], ['Sec-Fetch-Dest', 'document']],
  ['a frame', false, 'GET', ['Sec-Fetch-Mode', 'navigate'], ['Sec-Fetch-Dest', 'iframe']],
  ['a fetch', false, 'GET', ['Sec-Fetch-Mode', 'cors'], ['Sec-Fetch-Dest', 'empty']],
  ['a fetch that asks for HTML', false, 'GET', ['Sec-Fetch-Mode', 'cors'], ['Accept', 'text/html']],
  ['an image', false, 'GET', ['Sec-Fetch-Mode', 'no-cors'], ['Sec-Fetch-Dest', 'image']],
  ['a WebSocket', false, 'GET', ['Sec-Fetch-Mode', 'websocket']],
  ['a page with a token', false, 'GET', ['Sec-Fetch-Mode', 'navigate'], ['Authorization', 'Bearer x']],
  ['an old browser', true, 'GET', ['Accept', CHROME]],
  ['an old browser that is sent a form', false, 'PUT', ['Accept', CHROME]],
  ['an old browser in two fields', true, 'GET', ['Accept', 'text/html'], ['Accept', '*/*;q=0.1']],
  ['XHTML', true, 'GET', ['Accept', 'application/xhtml+xml']],
  ['jQuery', false, 'GET', ['Accept', 'text/html, */*; q=0.01'], ['X-Requested-With', 'XMLHttpRequest']],
  ['curl', false, 'GET', ['Accept', '*/*']],
  ['a program that says nothing', false, 'GET'],
  ['a program that wants JSON', false, 'GET', ['Accept', 'application/json']],
  ['axios', false, 'GET', ['Accept', 'application/json, text/plain, */*']],
  ['who prefers JSON', false, 'GET', ['Accept', 'text/html;q=0.5, application/json']],
  ['who takes no HTML', false, 'GET', ['Accept', 'text/html;q=0']],
  ['a broken weight', false, 'GET', ['Accept', 'text/html;q=much']],
  ['a weight above all', false, 'GET', ['Accept', 'text/html;q=7, application/json;q=0.1']],
  ['a list without end', false, 'GET', ['Accept', `text/html,${'a/b,'.repeat(1000)}`]],
];

describe('a request for a page', () => {
  for (const [what, isPage, method, ...fields] of ROWS) {
    it(`${isPage ? 'is' : 'is not'} ${what}`, () => {
      assert.equal(isNavigation({ method, headers: headersOf(...fields) }), isPage);
    });
  }
});
