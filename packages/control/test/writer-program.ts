// Writes to a database as fast as it can, and says what was acknowledged, until it is killed.
import { writeSync } from 'node:fs';
import { openMaintenance } from '../src/database.ts';
import { openStore } from '../src/db/open-store.ts';
import { draftOf, routes, settingsOf, startRollout } from '../src/db/store-testing.ts';

/** Objects in one revision. */
const WIDTH = 20;
const KEYS = { rotation: 'a'.repeat(40) };

const [, , kind = '', url = '', start = '0', file = ''] = process.argv;
const store = openStore(settingsOf(url));

/** For who started this: it must still be there after a kill. */
function say(text: string): void {
  writeSync(1, `${text}\n`);
}

const WRITES: Readonly<Record<string, (at: number) => Promise<unknown>>> = {
  async revisions(at) {
    const base = await store.revisions.head();
    const documents = Array.from({ length: WIDTH }, (_, one) => [
      `r${one}`,
      at % 5 === 4 && one % 2 === 0 ? null : { at: base + 1, text: 'x'.repeat(2000) },
    ]);
    const result = await store.revisions.commit(draftOf(base, routes(Object.fromEntries(documents))));
    return result.kind === 'committed' ? result.revision.number : 0;
  },
  async keys(at) {
    const made = { consumer: 'acme', label: '', createdAt: at, createdBy: '', expiresAt: null };
    const { change } = await store.keys.create({ id: `tp_${at}`, digest: 'd', ...made });
    await store.keys.update(`tp_${at}`, { label: 'changed' });
    return change;
  },
  async audit(at) {
    const entry = { at, author: 'ada', address: '', action: 'a', target: String(at), workspace: null };
    await store.audit.add({ ...entry, outcome: 'done', revision: null, detail: '' });
    return at;
  },
  async rollouts(at) {
    const underWay = await store.fleet.rollout();
    const current = underWay ?? (await startRollout(store, {}, routes({ [`r${at}`]: { at } })));
    await store.fleet.advance(current, { state: 'completed', reason: 'done' });
    return current.id;
  },
  async restore() {
    const { rotation } = KEYS;
    const database = openMaintenance({ ...settingsOf(url), keys: [rotation] });
    const { revision } = await database.restore(file, { isForced: true });
    await database.close();
    return revision;
  },
};

const write = WRITES[kind];
if (write === undefined) throw new Error(`there is no kind "${kind}"`);
await store.revisions.head();
say('ready');
for (let at = Number(start); ; at++) {
  say(String(await write(at)));
  await new Promise(setImmediate);
}
