import type { Step } from './scripted-upstream.ts';

/** A response as text, with `Content-Length` unless the fields frame it otherwise. */
export function reply(body: string, fields: readonly string[] = [], status = '200 OK'): string {
  const isFramed = fields.some((field) => /^(content-length|transfer-encoding):/i.test(field));
  const all = isFramed ? fields : [...fields, `Content-Length: ${Buffer.byteLength(body, 'latin1')}`];
  return `HTTP/1.1 ${status}\r\n${all.map((field) => `${field}\r\n`).join('')}\r\n${body}`;
}

/** A chunked response as text. */
export function chunkedReply(
  chunks: readonly string[],
  trailers: readonly string[] = [],
  fields: readonly string[] = [],
): string {
  const body = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
  const tail = trailers.map((trailer) => `${trailer}\r\n`).join('');
  return reply(`${body}0\r\n${tail}\r\n`, ['Transfer-Encoding: chunked', ...fields]);
}

/** Answers when the request is complete. */
export function answer(bytes: string | Buffer): Step {
  return async (talk) => {
    await talk.whole();
    await talk.write(bytes);
  };
}

/** Answers with what a function makes of the body of the request. */
export function answerWhole(make: (body: Buffer) => string | Buffer): Step {
  return async (talk) => {
    const { body } = await talk.whole();
    await talk.write(make(body));
  };
}

/** Answers as soon as the head of the request is there. */
export function early(bytes: string | Buffer): Step {
  return (talk) => talk.write(bytes);
}

/** Answers with every byte in a packet of its own. */
export function bytewise(bytes: string): Step {
  return async (talk) => {
    await talk.whole();
    for (const byte of Buffer.from(bytes, 'latin1')) {
      await talk.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
}

/** Resets the connection when a request comes. */
export const reset: Step = (talk) => void talk.socket.resetAndDestroy();

/** Closes the connection when a request comes. */
export const hangUp: Step = (talk) => void talk.socket.end();

/** Never answers. */
export const stall: Step = async (talk) => {
  await talk.closed();
};

/** Sends this much of an answer, and then resets, closes, or falls silent. */
export function partial(bytes: string | Buffer, then: 'reset' | 'fin' | 'stall'): Step {
  return async (talk) => {
    await talk.whole();
    await talk.write(bytes);
    if (then === 'reset') talk.socket.resetAndDestroy();
    else if (then === 'fin') talk.socket.end();
    else await talk.closed();
  };
}

/** A step for each request in turn, whatever the connection; the last one for all that follow. */
export function inTurn(...steps: readonly Step[]): Step {
  let count = 0;
  return (talk) => steps[Math.min(count++, steps.length - 1)]?.(talk);
}

/** A step by the path of the request. */
export function byPath(steps: Readonly<Record<string, Step>>): Step {
  return (talk) => {
    const step = steps[talk.target];
    if (step === undefined) throw new Error(`The script has nothing for ${talk.target}`);
    return step(talk);
  };
}
