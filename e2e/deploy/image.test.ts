// What can be said of the image without building it; e2e/drills/image.drill.ts does the steps.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { validate } from 'dockerfile-utils';
import { root } from '../cli-program.ts';
import { contextFiles, stagesOf } from '../dockerfile-steps.ts';

const dockerfile = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8');

describe('the Dockerfile', () => {
  it('has nothing that its linter minds', () => {
    assert.deepEqual(
      validate(dockerfile).map(({ message }) => message),
      [],
    );
  });

  it('ends as somebody who is not root, on a Node.js with the last security release', () => {
    const last = stagesOf(dockerfile).at(-1)?.steps ?? [];
    assert.equal(last.findLast(({ keyword }) => keyword === 'USER')?.text, '1000:1000');
    const [, major = 0, minor = 0, patch = 0] =
      /NODE_IMAGE=node:(\d+)\.(\d+)\.(\d+)-/.exec(dockerfile)?.map(Number) ?? [];
    assert.ok(major * 1e6 + minor * 1e3 + patch >= 26_012_001, `${major}.${minor}.${patch}`);
  });

  it('says the version of the packages', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8')) as {
      version: string;
    };
    for (const file of [
      'deploy/Dockerfile',
      'deploy/compose/compose.yaml',
      'deploy/helm/turnpike/Chart.yaml',
    ]) {
      assert.match(
        readFileSync(join(root, file), 'utf8'),
        new RegExp(`[Vv]ersion[=:] ?${version}|turnpike:${version}`, 'i'),
        file,
      );
    }
  });

  it('is built from sources alone', () => {
    const files = contextFiles(root);
    for (const file of [
      'package-lock.json',
      '.npmrc',
      'packages/cli/package.json',
      'scripts/build.ts',
      'LICENSE',
    ]) {
      assert.ok(files.includes(file), file);
    }
    const strange = files.filter((file) =>
      /(^|\/)(node_modules|dist|\.git|secrets?|\.env)(\/|$)|\.test\.ts$/.test(file),
    );
    assert.deepEqual(strange, []);
  });
});
