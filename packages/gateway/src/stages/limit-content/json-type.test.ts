import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isJson, isScannable } from './json-type.ts';

describe('isJson', () => {
  const yes = [
    'application/json',
    'Application/JSON',
    ' application/json ; charset=utf-8',
    'text/json',
    'application/problem+json',
    'application/vnd.api+json;x=y',
  ];
  for (const type of yes) it(`says yes of ${type}`, () => assert.equal(isJson(type), true));
  const no = [
    '',
    'text/plain',
    'application/jsonx',
    'application/x-ndjson',
    'text/plain; a=application/json',
  ];
  for (const type of no) it(`says no of ${type}`, () => assert.equal(isJson(type), false));
});

describe('isScannable', () => {
  const yes = [
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json; charset="utf-8"',
    'application/json; x=y; Charset = us-ascii',
    'application/json; charset=ISO-8859-1',
  ];
  for (const type of yes) it(`says yes of ${type}`, () => assert.equal(isScannable(type), true));
  const no = [
    'application/json; charset=utf-16',
    'application/json; charset=utf-7',
    'application/json; charset=ibm037',
    'application/json; charset',
    'application/json; charset=',
    'application/json; charset=utf-8; charset=ibm037',
    'application/json; x="; charset=utf-8"; charset=ibm037',
    'application/json; charset="ibm037',
  ];
  for (const type of no) it(`says no of ${type}`, () => assert.equal(isScannable(type), false));
});
