import type { SourcePorts, Web, WebRequest } from './endpoint-source.ts';
import { parseJson, textAt } from './json-value.ts';

/** The most of one answer that is read; of one that goes on: of each line. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
export const MAX_LINE_BYTES = 4 * 1024 * 1024;
/** For answers that are not meant to take long. */
export const ANSWER_TIMEOUT_MS = 10_000;

/** A registry answered, but not with what was asked for. */
export class RegistryRefusal extends Error {
  override readonly name = 'RegistryRefusal';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** An answer of status 200 that is JSON. Rejects for all others, in the words of the registry if it has some. */
export async function askJson(
  web: Web,
  url: string,
  request: WebRequest,
): Promise<{ readonly value: unknown; readonly headers: ReadonlyMap<string, string> }> {
  const limits = { timeoutMs: ANSWER_TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES };
  const { status, headers, text } = await web.request(url, { ...limits, ...request });
  const value = parseJson(text);
  if (status !== 200) throw refusal(url, status, value);
  if (typeof value !== 'object' || value === null) throw new Error(`${placeIn(url)}: its answer is no JSON`);
  return { value, headers };
}

/** The JSON of each line of an answer that goes on. Rejects as {@link askJson} does; what is no JSON ends it. */
export async function* watchJson(
  web: Web,
  url: string,
  request: WebRequest & { readonly silenceMs: number },
): AsyncGenerator {
  const limits = { timeoutMs: ANSWER_TIMEOUT_MS, maxBytes: MAX_LINE_BYTES };
  const { status, lines } = await web.lines(url, { ...limits, ...request });
  for await (const line of lines) {
    if (line.trim() === '') continue;
    const value = parseJson(line);
    if (status !== 200) throw refusal(url, status, value);
    if (typeof value !== 'object' || value === null) throw new Error(`${placeIn(url)}: a line is no JSON`);
    yield value;
  }
  if (status !== 200) throw refusal(url, status, null);
}

/**
 * Gives `use` a signal that also says stop about `ms` after `use` said that it has begun: then it resolves, whatever `use` makes
 * of it. A connection on which nothing arrives any more is found out by not trusting any for longer.
 */
export async function forAWhile(
  ms: number,
  { signal, ports }: { readonly signal: AbortSignal; readonly ports: SourcePorts },
  use: (signal: AbortSignal, begun: () => void) => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  let waiting = Promise.resolve();
  let hasBegun = false;
  const wait = async (): Promise<void> => {
    try {
      await ports.pause(ms * (0.8 + 0.4 * ports.random.unit()), either);
      over.abort();
    } catch {
      // It ended before.
    }
  };
  try {
    await use(either, () => {
      if (!hasBegun) waiting = wait();
      hasBegun = true;
    });
  } catch (error) {
    if (!over.signal.aborted) throw error;
  } finally {
    over.abort();
    await waiting;
  }
}

function refusal(url: string, status: number, value: unknown): RegistryRefusal {
  const words = textAt(value, 'message') ?? textAt(value, 'error', 'message');
  return new RegistryRefusal(
    status,
    `${placeIn(url)}: status ${status}${words === null ? '' : `: ${words}`}`,
  );
}

/** A URL as logs may show it. */
function placeIn(url: string): string {
  const { origin, pathname } = URL.parse(url) ?? { origin: '', pathname: 'no URL' };
  return `${origin}${pathname}`;
}
