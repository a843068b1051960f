import type { GrpcTranscodeConfig } from '@turnpike/config';

/** How a stream of messages is written for a client. */
export interface StreamForm {
  readonly contentType: string;
  /** Before the first message; of a stream without messages too. */
  readonly opening: string;
  readonly between: string;
  readonly closing: string;
  message(json: string): string;
  /** How a failure is told midway; null: it cannot be, and the stream breaks off. */
  failure(error: string): string | null;
}

const ARRAY: StreamForm = {
  contentType: 'application/json',
  opening: '[',
  between: ',',
  closing: ']',
  message: (json) => json,
  failure: () => null,
};

const LINES: StreamForm = {
  contentType: 'application/x-ndjson',
  opening: '',
  between: '',
  closing: '',
  message: (json) => `${json}\n`,
  failure: (error) => `{"error":${error}}\n`,
};

const EVENTS: StreamForm = {
  contentType: 'text/event-stream',
  opening: '',
  between: '',
  closing: 'event: end\ndata: {}\n\n',
  message: (json) => `data: ${json}\n\n`,
  failure: (error) => `event: error\ndata: ${error}\n\n`,
};

const DEFAULTS = { array: ARRAY, ndjson: LINES, sse: EVENTS } as const;

const BY_TYPE: ReadonlyMap<string, StreamForm> = new Map([
  ['application/json', ARRAY],
  ['text/event-stream', EVENTS],
  ['application/x-ndjson', LINES],
  ['application/ndjson', { ...LINES, contentType: 'application/ndjson' }],
  ['application/jsonl', { ...LINES, contentType: 'application/jsonl' }],
]);

/** The form that a client likes best by its `Accept` (RFC 9110 §12.5.1), or the one of the route. */
export function streamFormOf(
  accept: string | undefined,
  streamAs: GrpcTranscodeConfig['streamAs'],
): StreamForm {
  let best: StreamForm = DEFAULTS[streamAs];
  let bestWeight = 0;
  for (const range of (accept ?? '').toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';');
    const form = BY_TYPE.get(type.trim());
    const weight = weightOf(parameters);
    if (form === undefined || weight <= bestWeight) continue;
    best = form;
    bestWeight = weight;
  }
  return best;
}

function weightOf(parameters: readonly string[]): number {
  const quality = parameters
    .map((parameter) => parameter.trim())
    .find((parameter) => parameter.startsWith('q='));
  const weight = quality === undefined ? 1 : Number(quality.slice(2));
  return weight >= 0 && weight <= 1 ? weight : 0;
}
