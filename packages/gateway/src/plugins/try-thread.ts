import { parentPort, workerData } from 'node:worker_threads';
import { tryPlugin, type TriedPlugin } from './try-plugin.ts';
import { provideTexts } from './module-hooks.ts';
import type { TryStart } from './try-plugins.ts';

// The entry of the thread in which plugins are tried: it lives for that only, so nothing of a plugin that is not used, or that
// never ends, stays anywhere.

const port = parentPort;
if (port === null) throw new Error('try-thread.ts is the entry of a worker thread');

const start: TryStart = workerData;
const tell = (tried: TriedPlugin): void => port.postMessage(tried);

provideTexts(new Map(start.uses.map(({ digest }) => [digest, start.texts])));
for (const [index, use] of start.uses.entries()) {
  tell({ index, found: null });
  tell({ index, found: await tryPlugin(use) });
}
