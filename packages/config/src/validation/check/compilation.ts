import type { Description } from '../openapi/description.ts';
import type { ReachedPart } from '../openapi/reached-parts.ts';
import type { Refused } from '../openapi/refused-properties.ts';
import { error, type DocumentProblem } from './problem.ts';

/** Where there is a response around a schema, it is for responses. */
const RESPONSE = /\/responses\//;

/** Compiles every schema that a message may be held against, for what nobody has found before. */
export function compilationProblems(
  parts: readonly ReachedPart[],
  description: Description,
): DocumentProblem[] {
  const used = parts.filter(
    ({ kind, within }) =>
      kind === 'schema' && (within === 'media-type' || within === 'parameter' || within === 'header'),
  );
  const whole = parts.filter(({ kind, pointer }) => kind === 'schema' && pointer === '');
  return [...used, ...whole].flatMap((schema) => {
    const direction: Refused = RESPONSE.test(schema.pointer) ? 'writeOnly' : 'readOnly';
    try {
      description.compile(schema, direction);
      return [];
    } catch (problem) {
      const message = problem instanceof Error ? problem.message : 'it is not understood';
      return [error(schema, `cannot be used as a schema: ${message}`)];
    }
  });
}
