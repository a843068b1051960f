import type { Output } from '../output/terminal.ts';

/** The first release with the fixes of October 2026 in brotli and TLS. */
const SAFE_FOR_PRODUCTION = [26, 12, 1] as const;

/** Says, to people only, when this Node.js should not be used in production. */
export function warnOfOldNode(output: Output, version: string = process.versions.node): void {
  if (!output.isTerminal || !isOlder(version.split('.').map(Number), SAFE_FOR_PRODUCTION)) return;
  const wanted = SAFE_FOR_PRODUCTION.join('.');
  const advice = `Node.js ${version} lacks security fixes; use ${wanted} or newer in production`;
  output.print(`${output.paint('yellow', 'note:')} ${advice}`);
}

function isOlder(version: readonly number[], than: readonly number[]): boolean {
  const different = than.findIndex((part, index) => part !== version[index]);
  return different !== -1 && (version[different] ?? 0) < (than[different] ?? 0);
}
