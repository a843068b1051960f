import { createLoader } from '@turnpike/config/load';
import type { RulesPort } from '../../src/api/ports.ts';
import { sealer as sealerOf } from '../../src/db/sealing.ts';
import { type Steering, steeredLoad } from '../../src/domain/quarantine.ts';
import { openDocument } from '../../src/domain/secrets.ts';
import { memoryFiles } from '../../src/domain/steering-testing.ts';
import type { Store } from '../../src/domain/store.ts';
import { rulesOver, type TakenOver } from '../../src/rules.ts';
import { steadyStore } from '../../src/steady-store.ts';

const BILLING = `
openapi: 3.1.0
info: { title: Billing, version: '1' }
paths: { /invoices: { get: { responses: { '200': { description: Invoices } } } } }
`;

/** The rules over one file in memory and a store, put together as in the program: what is committed is taken over at once. */
export async function steered(yaml: string, real: Store): Promise<{ rules: RulesPort; store: Store }> {
  const sealer = sealerOf(['a key of tests that is long enough, 32 and more']);
  const steering: Steering = {
    load: createLoader({ env: {}, files: memoryFiles({ '/g.yaml': yaml, '/specs/billing.yaml': BILLING }) }),
    paths: ['/g.yaml'],
    history: async (ref) => (await real.objects.history(ref, { limit: 6, after: null })).items,
    open: (ref, document) => openDocument(ref, document, sealer),
  };
  const takeOver = async (): Promise<TakenOver> => {
    const objects = await real.objects.at(await real.revisions.head());
    return { ...(await steeredLoad(steering, objects)), objects };
  };
  let current = await takeOver();
  if (current.loaded.config === null) throw new Error(JSON.stringify(current.loaded.issues));
  // Removals leave nothing that says their number.
  const standing = () => ({ revision: Number.MAX_SAFE_INTEGER, problem: '' });
  const store = steadyStore(real, async () => void (current = await takeOver()));
  return {
    rules: rulesOver({
      steering,
      sealer,
      store,
      current: () => current,
      checker: () => null,
      loads: () => 0,
      standing,
    }),
    store,
  };
}
