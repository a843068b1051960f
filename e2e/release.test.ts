import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { root } from './cli-program.ts';
import { notesOf, releasedChangelog, releaseFiles } from '../scripts/release/release-files.ts';

describe('a release', () => {
  const release = { version: '97.98.99', day: '2026-11-23' };
  const files = releaseFiles(root, release);

  it('has one version, in every package and everything that deploys them', () => {
    assert.ok(files.size >= 8);
    for (const path of [
      'packages/cli/package.json',
      'deploy/Dockerfile',
      'deploy/helm/turnpike/Chart.yaml',
    ]) {
      assert.match(files.get(path) ?? '', /97\.98\.99/, path);
    }
    const cli = JSON.parse(files.get('packages/cli/package.json') ?? '') as {
      dependencies: Record<string, string>;
    };
    const ours = Object.entries(cli.dependencies).filter(([name]) => name.startsWith('@turnpike/'));
    assert.ok(ours.length > 0 && ours.every(([, version]) => version === release.version));
    assert.notEqual(cli.dependencies['commander'], release.version);
  });

  it('makes what was unreleased its notes, and begins anew', () => {
    const changelog = files.get('CHANGELOG.md') ?? '';
    assert.match(notesOf(changelog, release.version), /^### Added\n/);
    assert.equal(notesOf(changelog, 'Unreleased'), '');
    assert.match(changelog, /^## Unreleased\n\n## 97\.98\.99 - 2026-11-23\n/m);
  });

  it('is not made twice, and not of nothing', () => {
    const changelog = '## Unreleased\n\n- b\n\n## 1.0.0 - 2026-01-01\n\n- a\n';
    assert.throws(
      () => releasedChangelog(changelog, { ...release, version: '1.0.0' }),
      /has 1\.0\.0 already/,
    );
    assert.throws(
      () => releasedChangelog(changelog.replace('- b\n', ''), release),
      /nothing that is unreleased/,
    );
  });
});
