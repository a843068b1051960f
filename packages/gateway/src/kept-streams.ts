import type { RouteConfig } from '@turnpike/config';
import type { OpenStream } from './core/open-streams.ts';
import type { RouteTable } from './match/route-table.ts';

/**
 * Makes the test which streams go on under these routes: those whose route is still there, by its name, and still lets
 * connections switch. What else is new about it holds for those that are opened from now on.
 */
export function keptStreams(table: RouteTable): (stream: OpenStream) => boolean {
  const indices = new Map(Array.from({ length: table.size }, (_, index) => [table.id(index), index]));
  const verdicts = new Map<string, boolean>();

  function isKept({ route, kind }: OpenStream): boolean {
    const index = indices.get(route);
    if (index === undefined) return false;
    const { upgrade }: RouteConfig = JSON.parse(table.payload(index));
    return kind === 'event-stream' || upgrade.includes('websocket');
  }

  return (stream) => {
    const key = `${stream.kind} ${stream.route}`;
    let verdict = verdicts.get(key);
    if (verdict === undefined) {
      verdict = isKept(stream);
      verdicts.set(key, verdict);
    }
    return verdict;
  };
}
