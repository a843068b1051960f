import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiPorts } from './ports.ts';
import { showing } from './show.ts';

const planOf = (made: number | null, standing: { revision: number; problem: string }) => {
  const ports = { rules: { standing: () => standing }, store: {} } as unknown as ApiPorts;
  const changed = {
    kind: 'done',
    revision: made,
    changes: [],
    risks: [],
    warnings: [],
    rollout: null,
  } as const;
  return showing(ports).plan(changed) as Promise<{ served: unknown }>;
};

describe('the answer to a change', () => {
  it('says whether the gateway serves it, and why not', async () => {
    const served = async (...of: Parameters<typeof planOf>) => (await planOf(...of)).served;
    assert.deepEqual(await served(7, { revision: 7, problem: '' }), { now: true, reason: '' });
    assert.deepEqual(await served(7, { revision: 8, problem: '' }), { now: true, reason: '' });
    const problem = 'revision 7 could not be applied: failed';
    assert.deepEqual(await served(7, { revision: 6, problem }), { now: false, reason: problem });
    const { now } = (await served(7, { revision: 6, problem: '' })) as { now: boolean };
    assert.equal(now, false);
    assert.equal(await served(null, { revision: 6, problem: '' }), null);
  });
});
