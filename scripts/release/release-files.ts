import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A version and the day on which it comes out, such as 2026-11-23. */
export interface Release {
  readonly version: string;
  readonly day: string;
}

/** Where else the version stands: each pattern has what is before it in its first group. */
const PLACES: Readonly<Record<string, RegExp>> = {
  'packages/*/package.json': /("version": "|"@?turnpike(?:\/[a-z]+)?": ")\d+\.\d+\.\d+/g,
  'deploy/Dockerfile': /(ARG VERSION=)\d+\.\d+\.\d+/g,
  'deploy/compose/compose.yaml': /(image: turnpike:)\d+\.\d+\.\d+/g,
  'deploy/helm/turnpike/Chart.yaml': /(^(?:app)?[vV]ersion: )\d+\.\d+\.\d+/gm,
};

/**
 * Every file that a release changes, with its new text. A page that is made from code and the lock file are not among them; whoever writes
 * these makes those anew.
 */
export function releaseFiles(root: string, release: Release): ReadonlyMap<string, string> {
  const files = new Map([['CHANGELOG.md', releasedChangelog(textOf(root, 'CHANGELOG.md'), release)]]);
  for (const [pattern, place] of Object.entries(PLACES)) {
    for (const path of globSync(pattern, { cwd: root })) {
      const old = textOf(root, path);
      if (old.search(place) < 0) throw new Error(`${path} has no version`);
      files.set(path, old.replaceAll(place, `$1${release.version}`));
    }
  }
  return files;
}

function textOf(root: string, path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

const UNRELEASED = '## Unreleased\n';

/** What was unreleased gets the version as its heading, below an empty section for what comes next. */
export function releasedChangelog(changelog: string, { version, day }: Release): string {
  if (changelog.includes(`## ${version} `)) throw new Error(`CHANGELOG.md has ${version} already`);
  if (notesOf(changelog, 'Unreleased') === '') throw new Error('CHANGELOG.md has nothing that is unreleased');
  return changelog.replace(UNRELEASED, `${UNRELEASED}\n## ${version} - ${day}\n`);
}

/** The section of a version, without its heading: the notes of the release. */
export function notesOf(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((one) => one.split(/[ \n]/, 1)[0] === version) ?? '';
  return section.slice(section.indexOf('\n')).trim();
}
