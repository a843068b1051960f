// `npm run release -- 0.2.0`: writes a version everywhere and closes the section of CHANGELOG.md; prints the notes of the release. Nothing
// is committed, tagged or published: docs/releasing.md says what comes then.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { notesOf, releaseFiles } from './release/release-files.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const [version = ''] = process.argv.slice(2);

if (/^\d+\.\d+\.\d+$/.test(version)) {
  const files = releaseFiles(root, { version, day: new Date().toISOString().slice(0, 10) });
  for (const [path, text] of files) writeFileSync(join(root, path), text);
  execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  execFileSync(process.execPath, [join(root, 'scripts/docs.ts')], { stdio: ['ignore', 2, 2] });
  console.log(notesOf(files.get('CHANGELOG.md') ?? '', version));
} else {
  console.error('usage: npm run release -- 0.2.0');
  process.exitCode = 2;
}
