// The third door of the package: what a thread does that checks changes, so that the main thread answers health checks meanwhile.

import type { MessagePort } from 'node:worker_threads';
import type { GatewayConfig, Issue } from '@turnpike/config';
import type { Loader } from '@turnpike/config/load';
import type {
  CheckResults,
  CheckStart,
  CheckTask,
  FromCheckThread,
  ObjectNews,
  PackedLoad,
  ToCheckThread,
} from './check-protocol.ts';
import { newsOf } from './config-news.ts';
import { openSealer } from './db/open-sealer.ts';
import { readDocument, writeDocumentYaml } from './domain/documents.ts';
import {
  type JsonObject,
  KINDS,
  type ObjectRef,
  type ObjectVersion,
  type StoredObject,
} from './domain/objects.ts';
import { judge } from './domain/plan.ts';
import { type Steering, steeredLoad } from './domain/quarantine.ts';
import { openDocument } from './domain/secrets.ts';
import { nameOf } from './domain/sources.ts';
import type { Steered } from './domain/statuses.ts';

export type { CheckStart } from './check-protocol.ts';

/** What the thread is made of. */
export interface CheckThreadParts {
  readonly port: MessagePort;
  readonly start: CheckStart;
  readonly load: Loader;
  /** What only the gateway can see in a configuration that is valid. */
  readonly check: (config: GatewayConfig) => readonly Issue[];
}

/** Does one task after another, in the order in which they come. */
export function answerChecks({ port, start, load, check }: CheckThreadParts): void {
  const sealer = openSealer(start);
  const histories = historyOver(port);
  const steering: Steering = {
    load,
    check,
    paths: start.paths,
    history: (ref) => histories.ask(ref),
    open: (ref, document) => openDocument(ref, document, sealer),
  };
  const objects = new Map<string, StoredObject>();
  /** The last state that was loaded, which the next change most likely begins with. */
  let last: { readonly steered: Steered; readonly load: number } | null = null;
  /** The configuration that the main thread got last. */
  let told: { readonly config: GatewayConfig | null; readonly load: number } | null = null;
  let turn: Promise<void> = Promise.resolve();

  /** Takes the news of a task over: gives all objects. */
  function stateOf({ put, gone }: ObjectNews): readonly StoredObject[] {
    if (put.length > 0 || gone.length > 0) last = null;
    for (const name of gone) objects.delete(name);
    for (const object of put) objects.set(nameOf(object), object);
    return [...objects.values()];
  }

  async function steeredAt(now: readonly StoredObject[], number: number): Promise<Steered> {
    if (last?.load === number) return last.steered;
    const steered = await steeredLoad(steering, now);
    last = { steered, load: number };
    return steered;
  }

  async function run(task: CheckTask): Promise<CheckResults[CheckTask['kind']]> {
    if (task.kind === 'read') return readDocument(task.text);
    if (task.kind === 'write') return writeDocumentYaml(JSON.parse(task.text) as JsonObject);
    const now = stateOf(task.objects);
    if (task.kind === 'load') {
      last = null;
      const steered = await steeredAt(now, task.load);
      const older = told !== null && told.load === task.held ? told.config : null;
      told = { config: steered.loaded.config, load: task.load };
      return packed(steered, older);
    }
    const { wishes, workspaces, takesExpired } = task;
    const steered = await steeredAt(now, task.load);
    return judge(wishes, { steering, sealer, workspaces, now, steered, takesExpired });
  }

  port.on('message', (message: ToCheckThread) => {
    if (message.kind === 'history') return histories.take(message);
    const { id, task } = message;
    turn = turn.then(async () => {
      try {
        port.postMessage({ kind: 'done', id, result: await run(task) } satisfies FromCheckThread);
      } catch (error) {
        const text = error instanceof Error ? error.message : 'unknown';
        port.postMessage({ kind: 'failed', id, message: text } satisfies FromCheckThread);
      }
    });
  });
}

/** Older versions of objects, which the main thread has from the database. */
function historyOver(port: MessagePort) {
  const waiting = new Map<number, (versions: readonly ObjectVersion[]) => void>();
  let count = 0;
  return {
    ask(ref: ObjectRef): Promise<readonly ObjectVersion[]> {
      const id = ++count;
      const { promise, resolve } = Promise.withResolvers<readonly ObjectVersion[]>();
      waiting.set(id, resolve);
      const { kind, name } = ref;
      port.postMessage({ kind: 'history', id, ref: { kind, name } } satisfies FromCheckThread);
      return promise;
    },
    take({ id, versions }: Extract<ToCheckThread, { readonly kind: 'history' }>): void {
      waiting.get(id)?.(versions);
      waiting.delete(id);
    },
  };
}

function packed({ loaded, exceptions }: Steered, older: GatewayConfig | null): PackedLoad {
  const { config, issues, files, directories, secrets, entriesIn } = loaded;
  return {
    config: config === null ? null : newsOf(older, config),
    issues,
    files,
    directories,
    secrets: [...secrets.secrets],
    entries: KINDS.map((kind) => [kind, entriesIn(kind)]),
    exceptions: [...exceptions],
  };
}
