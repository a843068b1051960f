import { isObject, textAt, type JsonObject } from '../json.ts';
import { Description } from '../openapi/description.ts';
import { dialectOf } from '../openapi/dialect.ts';
import type { DocumentSet } from '../openapi/document-set.ts';
import { reachedParts } from '../openapi/reached-parts.ts';
import { compilationProblems } from './compilation.ts';
import { mediaTypeProblems } from './media-types.ts';
import { structureFaults } from './openapi-structure.ts';
import { pathProblems } from './paths.ts';
import { error, type DocumentProblem } from './problem.ts';
import { referenceProblems } from './references.ts';
import { schemaProblems } from './schemas.ts';

/** What a document is named for: an API, or a schema. */
export type DocumentUse = 'openapi' | 'schema';

/**
 * What is wrong with a document and what it refers to: everything that would otherwise come out with the first request.
 *
 * 1. is it what it is named for, 2. its structure, 3. references, 4. schemas, media types and paths, 5. does everything compile. A step is
 * only taken if what it builds on is sound.
 */
export async function checkDocument(
  documents: DocumentSet,
  uri: string,
  use: DocumentUse,
): Promise<readonly DocumentProblem[]> {
  const root = documents.root(uri);
  // 1.
  const dialect = use === 'schema' ? 'schema' : dialectOf(root);
  if (dialect === null) return [notOpenApi(uri, root)];
  if (!isObject(root) && typeof root !== 'boolean') return [error({ uri, pointer: '' }, 'is no JSON Schema')];
  // 2.
  const structure = dialect === 'schema' || !isObject(root) ? [] : await structureProblems(uri, root);
  if (structure.length > 0) return structure;
  // 3.
  const { parts, references } = reachedParts(documents, uri, dialect === 'schema' ? 'schema' : 'document');
  const lost = referenceProblems(references, documents);
  // 4.
  const description = new Description(documents, uri, dialect);
  const found = [
    ...lost,
    ...schemaProblems(parts, dialect),
    ...mediaTypeProblems(parts),
    ...(use === 'schema' ? [] : pathProblems(description)),
  ];
  // 5.
  const isSound = found.every(({ severity }) => severity === 'warning');
  return isSound ? [...found, ...(await compilationProblems(parts, description))] : found;
}

async function structureProblems(uri: string, root: JsonObject): Promise<DocumentProblem[]> {
  const faults = await structureFaults(root);
  return faults.map(({ pointer, message }) => error({ uri, pointer }, message));
}

function notOpenApi(uri: string, root: unknown): DocumentProblem {
  const version = textAt(root, 'openapi') || textAt(root, 'swagger');
  const found = version === '' ? 'does not say `openapi: 3.…`' : `is in version ${version}`;
  return error({ uri, pointer: '' }, `${found}; OpenAPI 3.0, 3.1 and 3.2 are understood`);
}
