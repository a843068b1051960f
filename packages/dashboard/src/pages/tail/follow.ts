import { useEffect, useRef, useState } from 'react';
import { askRaw, Problem } from '../../api/client.ts';
import type { TailLine } from '../../api/types.ts';

/** What is followed. */
export interface Wish {
  readonly route: string;
  readonly status: string;
  readonly filter: string;
}

/** What came so far. */
export interface Followed {
  /** Newest first. */
  readonly lines: readonly TailLine[];
  /** Lines that nobody saw, because there were too many. */
  readonly dropped: number;
  readonly state: 'connecting' | 'open' | 'paused' | 'failed';
  readonly error: unknown;
  readonly clear: () => void;
}

const MOST_LINES = 500;
/** Lines are taken over in batches, so that a flood costs no more than a trickle. */
const BATCH_MS = 250;
const AGAIN_MS = 3_000;

/** Follows requests as they end, while the page is there and nobody pauses. */
export function useFollow({ route, status, filter }: Wish, isPaused: boolean): Followed {
  const [lines, setLines] = useState<readonly TailLine[]>([]);
  const [dropped, setDropped] = useState(0);
  const [state, setState] = useState<Followed['state']>('connecting');
  const [error, setError] = useState<unknown>(null);
  const waiting = useRef<TailLine[]>([]);

  useEffect(() => {
    if (isPaused) {
      setState('paused');
      return undefined;
    }
    const end = new AbortController();
    const hear = (line: TailLine | { readonly dropped: number }): void => {
      if ('dropped' in line) setDropped((before) => before + Number(line.dropped));
      else if (waiting.current.push(line) > MOST_LINES) waiting.current.shift();
    };
    const timer = setInterval(() => {
      if (waiting.current.length === 0) return;
      const batch = waiting.current.toReversed();
      waiting.current = [];
      setLines((before) => [...batch, ...before].slice(0, MOST_LINES));
    }, BATCH_MS);
    void follow(
      { route, status, filter },
      { signal: end.signal, hear, tell: (next, problem) => (setState(next), setError(problem)) },
    );
    return () => {
      end.abort();
      clearInterval(timer);
    };
  }, [route, status, filter, isPaused]);

  return { lines, dropped, state, error, clear: () => (setLines([]), setDropped(0)) };
}

interface Ear {
  readonly signal: AbortSignal;
  readonly hear: (line: TailLine | { readonly dropped: number }) => void;
  readonly tell: (state: 'connecting' | 'open' | 'failed', problem: unknown) => void;
}

/** Comes back by itself when the gateway went away or the session ended; not when what is wished was refused. */
async function follow(wish: Wish, { signal, hear, tell }: Ear): Promise<void> {
  while (!signal.aborted) {
    tell('connecting', null);
    try {
      const response = await askRaw('/requests/stream', { query: { ...wish }, signal });
      tell('open', null);
      await readLines(response, hear);
    } catch (problem) {
      if (signal.aborted) return;
      tell('failed', problem);
      if (problem instanceof Problem && isFinal(problem)) return;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

function isFinal({ status }: Problem): boolean {
  return status >= 400 && status < 500 && status !== 401;
}

const MOST_CHARACTERS = 1 << 20;

async function readLines(response: Response, hear: Ear['hear']): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value = '', done } = (await reader?.read()) ?? { done: true };
    const parts = (rest + value).split('\n');
    rest = (parts.pop() ?? '').slice(0, MOST_CHARACTERS);
    for (const part of parts) if (part !== '') hear(JSON.parse(part) as TailLine);
    if (done) return;
  }
}
