import { targetOf, type DocumentSet } from '../openapi/document-set.ts';
import type { Reference } from '../openapi/reached-parts.ts';
import { error, type DocumentProblem } from './problem.ts';

/** References that lead nowhere, or in circles. Anchors are left to the library that knows them. */
export function referenceProblems(
  references: readonly Reference[],
  documents: DocumentSet,
): DocumentProblem[] {
  return references.flatMap((reference) => {
    const message = problemOf(reference, documents);
    return message === null ? [] : [error(reference.from, message)];
  });
}

function problemOf({ from, reference }: Reference, documents: DocumentSet): string | null {
  const target = targetOf(reference, from.uri);
  if (target === null)
    return /#[^/]/.test(reference) ? null : `has a reference that cannot be read: ${reference}`;
  if (!documents.has(target.uri)) {
    return target.uri.startsWith('file:')
      ? `refers to ${reference}, which cannot be read`
      : `refers to ${reference}; nothing is fetched, so keep it in a file`;
  }
  if (documents.at(target.uri, target.pointer) === null) return `refers to ${reference}, which is not there`;
  return documents.follow(from) === null && Object.keys(from.value).length === 1
    ? `refers to ${reference}, which leads back to itself`
    : null;
}
