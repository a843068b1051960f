import type { Database } from './database.ts';
import { inParts } from './revisions.ts';

/** Writes when keys or tokens were used last. Earlier times than those known change nothing; neither do ids that are not there. */
export async function touchAll(
  write: Database['write'],
  table: 'consumer_keys' | 'tokens',
  uses: ReadonlyMap<string, number>,
): Promise<void> {
  // In one order, so that two gateways that do this at the same moment never wait for each other.
  const sorted = Array.from(uses).sort(([one], [other]) => (one < other ? -1 : 1));
  for (const part of inParts(sorted)) {
    await write(async (tx) => {
      for (const [id, at] of part) {
        await tx
          .updateTable(table)
          .set({ last_used_at: at })
          .where('id', '=', id)
          .where((eb) => eb.or([eb('last_used_at', 'is', null), eb('last_used_at', '<', at)]))
          .execute();
      }
    });
  }
}
