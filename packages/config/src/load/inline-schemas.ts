import type { Draft } from '../issue.ts';
import { dotted } from '../path.ts';
import type { SchemaUse } from '../resolve/document-uses.ts';
import type { DocumentProblem } from '../validation/check/problem.ts';
import { parameterSchema } from '../validation/inline-contract.ts';
import { partsOfPointer } from '../validation/json-pointer.ts';
import { DocumentSet, uriOf } from '../validation/openapi/document-set.ts';

/** Says what is wrong with schemas that are written in place. */
export type SchemaReader = (uses: readonly SchemaUse[]) => Promise<readonly Draft[]>;

/** Makes a reader of schemas, which remembers what it found: compiling one takes milliseconds. */
export function schemaReader(): SchemaReader {
  let before: ReadonlyMap<string, readonly DocumentProblem[]> = new Map();
  return async (uses) => {
    const found = new Map<string, readonly DocumentProblem[]>();
    const drafts: Draft[] = [];
    for (const use of uses) {
      const key = `${use.kind} ${JSON.stringify(use.schema)}`;
      const problems = found.get(key) ?? before.get(key) ?? (await problemsOf(use));
      found.set(key, problems);
      drafts.push(...problems.map((problem) => draftOf(problem, use)));
    }
    before = found;
    return drafts;
  };
}

/** The libraries behind it are loaded only when there is something to check. */
async function problemsOf({ schema, kind }: SchemaUse): Promise<readonly DocumentProblem[]> {
  const { checkDocument } = await import('../validation/check/check-document.ts');
  const documents = new DocumentSet();
  const text = JSON.stringify(schema);
  documents.add(PLACE, () => (kind === 'parameter' ? parameterSchema(text).schema : JSON.parse(text)));
  return checkDocument(documents, uriOf(PLACE), 'schema');
}

const PLACE = '/in-place';

function draftOf({ pointer, message, severity }: DocumentProblem, { at }: SchemaUse): Draft {
  const path = [...at, ...partsOfPointer(pointer)];
  const code = severity === 'error' ? 'BAD_VALUE' : 'NO_EFFECT';
  return { code, message: `${dotted(at)}: ${pointer || 'the schema'} ${message}`, path, at: 'key', severity };
}
