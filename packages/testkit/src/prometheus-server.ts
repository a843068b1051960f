import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ServerProcess, started } from './server-process.ts';
import { PATIENCE_MS } from './within.ts';

const SERVER = '/usr/bin/prometheus';
const TOOL = '/usr/bin/promtool';
const IS_READY = /Server is ready to receive web requests/;
const START_MS = 30_000;

/** Below the ports that the system gives to connections. */
const FIRST_PORT = 26_000;
const PORTS = 4000;

/** Why there is no Prometheus here, or false: for `skip` of a test. */
export function withoutPrometheus(): string | false {
  const missing = (process.env['TURNPIKE_MISSING_PACKAGES'] ?? '').split(',');
  return missing.includes('prometheus') || !existsSync(SERVER) ? 'prometheus is not installed' : false;
}

/** A sample of an instant query. Of a native histogram there is no value, but what functions make of it. */
export interface PrometheusSample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [time: number, value: string];
}

/** A real Prometheus on this machine. */
export interface PrometheusServer extends AsyncDisposable {
  /** The `data` of an answer of its API. */
  api(path: string, parameters?: Readonly<Record<string, string>>): Promise<never>;
  /** The samples that an expression has now. */
  query(expression: string): Promise<readonly PrometheusSample[]>;
  /** Asks until the first sample of an expression has a value that is good; gives it. */
  valueOf(expression: string, isGood: (value: number) => boolean): Promise<number>;
  close(): Promise<void>;
}

/** What it scrapes, by the name of the job: host and port with the path `/metrics`. */
export type ScrapeJobs = Readonly<Record<string, string>>;

/** Starts a Prometheus in a directory of its own that scrapes every second. `features` are those of `--enable-feature`. */
export async function prometheusServer(
  jobs: ScrapeJobs,
  features: readonly string[] = [],
): Promise<PrometheusServer> {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-prometheus-'));
  return started(() => new RunningPrometheus(directory, jobs, features));
}

/** What `promtool` says about something on its standard input; '' if it is content. */
export function promtool(args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile(TOOL, args, (error, stdout, stderr) =>
      resolve(error === null && stderr === '' ? '' : `${stdout}${stderr}` || String(error)),
    );
    child.stdin?.end(input);
  });
}

/** What `promtool` prints about files, which are in the directory that it runs in. Rejects with what it finds fault with. */
export async function promtoolOn(
  files: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-promtool-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
    return await new Promise((resolve, reject) => {
      execFile(TOOL, args, { cwd: directory }, (error, stdout, stderr) =>
        error === null ? resolve(stdout) : reject(new Error(`${stdout}${stderr}`)),
      );
    });
  } finally {
    await rm(directory, { recursive: true });
  }
}

class RunningPrometheus implements PrometheusServer {
  readonly #port = FIRST_PORT + Math.floor(Math.random() * PORTS);
  readonly #directory: string;
  readonly #jobs: ScrapeJobs;
  readonly #features: readonly string[];
  readonly #process = new ServerProcess('prometheus');

  constructor(directory: string, jobs: ScrapeJobs, features: readonly string[]) {
    this.#directory = directory;
    this.#jobs = jobs;
    this.#features = features;
  }

  async restart(): Promise<void> {
    const file = join(this.#directory, 'prometheus.yml');
    const scrape_configs = Object.entries(this.#jobs).map(([job_name, target]) => ({
      job_name,
      static_configs: [{ targets: [target] }],
    }));
    // JSON is YAML.
    await writeFile(file, JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs }));
    await this.#process.start(
      {
        program: SERVER,
        args: [
          `--config.file=${file}`,
          `--storage.tsdb.path=${join(this.#directory, `data-${this.#port}`)}`,
          `--web.listen-address=127.0.0.1:${this.#port}`,
          ...this.#features.map((feature) => `--enable-feature=${feature}`),
        ],
        says: 'stderr',
        isReady: (line) => IS_READY.test(line),
      },
      START_MS,
    );
  }

  async api(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<never> {
    const url = `http://127.0.0.1:${this.#port}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`;
    const answer = (await (await fetch(url)).json()) as { status: string; error?: string; data: unknown };
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`);
    return answer.data as never;
  }

  async query(expression: string): Promise<readonly PrometheusSample[]> {
    const { result } = (await this.api('query', { query: expression })) as {
      readonly result: readonly PrometheusSample[];
    };
    return result;
  }

  async valueOf(expression: string, isGood: (value: number) => boolean): Promise<number> {
    const endsAt = performance.now() + 3 * PATIENCE_MS;
    for (;;) {
      const [first] = await this.query(expression);
      const value = Number(first?.value?.[1] ?? NaN);
      if (isGood(value)) return value;
      if (performance.now() > endsAt) throw new Error(`${expression} is ${value}: ${await this.#health()}`);
      await delay(LOOK_AGAIN_MS);
    }
  }

  async close(): Promise<void> {
    await this.#process.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #health(): Promise<string> {
    const { activeTargets } = (await this.api('targets')) as {
      readonly activeTargets: readonly { readonly scrapePool: string; readonly lastError: string }[];
    };
    return activeTargets.map(({ scrapePool, lastError }) => `${scrapePool}: ${lastError || 'ok'}`).join('; ');
  }
}

const LOOK_AGAIN_MS = 50;
