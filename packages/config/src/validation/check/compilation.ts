import { setImmediate } from 'node:timers/promises';
import type { Description } from '../openapi/description.ts';
import type { ReachedPart } from '../openapi/reached-parts.ts';
import type { Refused } from '../openapi/refused-properties.ts';
import { error, type DocumentProblem } from './problem.ts';

/** Schemas that are compiled in a row: each takes about a millisecond, and others have something to do as well. */
const AT_ONCE = 20;

/** Compiles every schema that a message may be held against, for what nobody has found before. */
export async function compilationProblems(
  parts: readonly ReachedPart[],
  description: Description,
): Promise<DocumentProblem[]> {
  const problems: DocumentProblem[] = [];
  for (const [index, schema] of usedSchemas(parts).entries()) {
    if (index % AT_ONCE === AT_ONCE - 1) await setImmediate();
    const problem = problemOf(schema, description);
    if (problem !== null) problems.push(error(schema, `cannot be used as a schema: ${problem}`));
  }
  return problems;
}

/** Those of messages, and a document that is a schema itself; of several that are the same the first. */
function usedSchemas(parts: readonly ReachedPart[]): ReachedPart[] {
  const schemas = parts.filter(
    ({ kind, within, pointer }) => kind === 'schema' && (within !== 'schema' || pointer === ''),
  );
  const used = schemas.filter(({ within }) => within !== 'components');
  const distinct = new Map(
    used
      .toReversed()
      .map((schema) => [`${schema.uri} ${directionOf(schema)} ${JSON.stringify(schema.value)}`, schema]),
  );
  return [...distinct.values()].toReversed();
}

/** Where there is a response around a schema, it is for responses. */
function directionOf({ pointer }: ReachedPart): Refused {
  return pointer.includes('/responses/') ? 'writeOnly' : 'readOnly';
}

function problemOf(schema: ReachedPart, description: Description): string | null {
  try {
    description.compile(schema, directionOf(schema));
    return null;
  } catch (problem) {
    return problem instanceof Error ? problem.message : 'it is not understood';
  }
}
