import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isJson, isUtf8Labelled, mediaRanges, readMediaType } from './media-type.ts';

describe('readMediaType', () => {
  it('reads type, charset and boundary', () => {
    assert.deepEqual(readMediaType('Multipart/Form-Data; Charset="UTF-8" ;boundary="a b"; x'), {
      essence: 'multipart/form-data',
      charset: 'utf-8',
      boundary: 'a b',
    });
  });

  for (const text of ['', 'json', 'a/b/c', 'a/', '/b', 'application/json, text/plain', 'a b/c', 'ä/b'])
    it(`is nothing for ${JSON.stringify(text)}`, () => assert.equal(readMediaType(text), null));
});

describe('mediaRanges', () => {
  const described = mediaRanges([
    '*/*',
    'text/*',
    'Application/JSON; charset=utf-8',
    'application/*',
    'nonsense',
  ]);
  const table = [
    ['application/json', 'Application/JSON; charset=utf-8'],
    ['application/xml', 'application/*'],
    ['text/plain', 'text/*'],
    ['image/png', '*/*'],
  ] as const;
  for (const [essence, range] of table)
    it(`finds ${range} for ${essence}`, () => assert.equal(described(essence), range));

  it('finds nothing where nothing fits, and the first of two that are the same', () => {
    const some = mediaRanges(['image/jpeg', 'text/*', 'IMAGE/jpeg']);
    assert.equal(some('image/png'), undefined);
    assert.equal(some('image/jpeg'), 'image/jpeg');
  });
});

const isLabelled = (charset: string) => isUtf8Labelled({ essence: 'a/b', boundary: '', charset });

describe('a media type', () => {
  it('is JSON by its name or its suffix', () => {
    for (const essence of ['application/json', 'application/problem+json', 'application/vnd.api+json'])
      assert.ok(isJson(essence));
    for (const essence of ['text/json', 'application/jsonl', 'application/json-seq'])
      assert.ok(!isJson(essence));
  });

  it('is in UTF-8 unless it says otherwise', () => {
    for (const charset of ['', 'utf-8', 'us-ascii']) assert.ok(isLabelled(charset));
    for (const charset of ['utf-16', 'iso-8859-1']) assert.ok(!isLabelled(charset));
  });
});
