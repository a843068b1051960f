import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isToken } from './token.ts';

const tokens = ['a', 'GET', 'X-Trace_Id.1', "!#$%&'*+-.^_`|~"];
for (const text of tokens) it(`takes ${text}`, () => assert.equal(isToken(text), true));

const others = ['', ' ', 'a b', 'a,b', 'a:', 'a/b', '(a)', 'a\u00e9', 'a\r\n', '"a"', 'a\u0141', '@'];
for (const text of others) it(`refuses ${JSON.stringify(text)}`, () => assert.equal(isToken(text), false));
