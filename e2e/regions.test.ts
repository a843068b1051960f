// Two regions of a fleet, in network namespaces; `drills/regions.drill.ts` has the other kinds of cuts, and longer ones.
import { it } from 'node:test';
import { withoutPostgres } from '@turnpike/testkit/postgres-server';
import { openWorld, surviveCut } from './region-cut.ts';
import { withoutRegions } from './regions.ts';

it(
  'a region that is cut off serves on, says so, and catches up',
  {
    skip: withoutPostgres() || withoutRegions(),
  },
  async (test) => {
    await using world = await openWorld();
    test.diagnostic(JSON.stringify(await surviveCut(world, 'silence')));
  },
);
