import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProviderErrand, Errands, ProviderNews, SessionNews } from '../../src/core/desk.ts';
import { IdentityDesk } from '../../src/identity/providers/identity-desk.ts';
import { manualClockwork, type ManualClockwork } from '../../src/identity/providers/providers-testing.ts';
import { hearLog, type HeardLog } from '../../src/threads/threads-testing.ts';
import { watchFiles } from '../../src/threads/watch-files.ts';

/** A desk whose time the test moves, and what it has said. */
export interface DeskSite {
  readonly desk: IdentityDesk;
  readonly clockwork: ManualClockwork;
  readonly log: HeardLog;
  /** What was told of providers. */
  readonly news: readonly ProviderNews[];
  /** What was told of sessions. */
  readonly sessionNews: readonly SessionNews[];
  /** Resolves with the latest news, as soon as the claim holds for them. */
  readonly heard: (claim: (news: ProviderNews) => boolean) => Promise<ProviderNews>;
  /** Runs an errand for `corporate`. */
  readonly run: <Kind extends keyof Errands>(
    kind: Kind,
    asks: Omit<Errands[Kind]['asks'], 'provider'>,
  ) => Promise<Errands[Kind]['gives']>;
}

/** What a site is made with. */
export interface SiteOptions {
  /** Kept from another site; a new one unless it is given. */
  readonly stateDirectory?: string;
  readonly timeoutMs?: number;
}

/** Makes a desk for one test, and takes everything away afterwards. */
export async function onDesk(
  use: (site: DeskSite) => Promise<void>,
  options: SiteOptions = {},
): Promise<void> {
  const directory = options.stateDirectory ?? (await mkdtemp(join(tmpdir(), 'turnpike-desk-')));
  const clockwork = manualClockwork(Date.now());
  const log = hearLog();
  const news: ProviderNews[] = [];
  const sessionNews: SessionNews[] = [];
  const arrivals = new EventEmitter();
  const desk = new IdentityDesk({
    log,
    clockwork,
    stateDirectory: directory,
    watch: (onChange) => watchFiles(onChange, log),
    publish: (item) => {
      if (item.topic === 'provider') news.push(item);
      else sessionNews.push(item);
      arrivals.emit('news');
    },
    timeoutMs: options.timeoutMs ?? 30_000,
  });
  const heard: DeskSite['heard'] = async (claim) => {
    for (;;) {
      const latest = news.at(-1);
      if (latest !== undefined && claim(latest)) return latest;
      await once(arrivals, 'news');
    }
  };
  const run: DeskSite['run'] = async (kind, asks) =>
    (await desk.run({ kind, provider: 'corporate', ...asks } as unknown as ProviderErrand)) as never;
  try {
    await use({ desk, clockwork, log, news, sessionNews, heard, run });
  } finally {
    await desk.close();
    if (options.stateDirectory === undefined) await rm(directory, { recursive: true });
  }
}

/** What a server does with a request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Runs a provider that says what the test says. */
export async function withServer(answer: Answer, use: (origin: string) => Promise<void>): Promise<void> {
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    await use(`http://127.0.0.1:${port}`);
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}
