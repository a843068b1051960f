import { readMediaType } from '../bodies/media-type.ts';
import { partsOfPointer } from '../json-pointer.ts';
import type { ReachedPart } from '../openapi/reached-parts.ts';
import { warning, type DocumentProblem } from './problem.ts';

/** Names in `content` that no body can have: two types in one name, most often. What they describe is never used. */
export function mediaTypeProblems(parts: readonly ReachedPart[]): DocumentProblem[] {
  return parts.flatMap((part) => {
    const isInContent = part.within === 'request-body' || part.within === 'response';
    if (part.kind !== 'media-type' || !isInContent) return [];
    const name = partsOfPointer(part.pointer).at(-1) ?? '';
    return readMediaType(name) === null ? [warning(part, 'is no media type, so no body is of it')] : [];
  });
}
