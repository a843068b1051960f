import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { generatedPages } from '../scripts/reference/pages.ts';

const read = (path: string): Promise<string> => readFile(new URL(`../${path}`, import.meta.url), 'utf8');

describe('what is made from code', () => {
  for (const [path, text] of Object.entries(generatedPages())) {
    it(`is current: ${path}`, async () => assert.equal(await read(path), text, 'run: npm run docs'));
  }
});
