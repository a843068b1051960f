import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { STAGES } from './stages.ts';

it('has the stages of the pipeline, in its order', () => {
  const pipeline = readFileSync(new URL('../../../gateway/src/pipeline.ts', import.meta.url), 'utf8');
  const names = Array.from(pipeline.matchAll(/\.through\(\s*(\w+)/g), ([, name = '']) =>
    name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  );
  assert.deepEqual(
    STAGES.map(([name]) => name),
    names,
  );
});
