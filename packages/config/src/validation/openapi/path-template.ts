/** A segment of a path template: literal texts and parameters in turn, beginning and ending with a literal. */
export interface TemplateSegment {
  readonly literals: readonly string[];
  readonly names: readonly string[];
}

/**
 * The segments of a path template of OpenAPI, such as `/users/{id}.json`. Literals are spelled as normalised paths of requests
 * are: unreserved characters plain, everything else percent-encoded in capital letters (RFC 3986 §6.2.2).
 */
export function templateSegments(template: string): TemplateSegment[] {
  return template.slice(1).split('/').map(segmentOf);
}

function segmentOf(text: string): TemplateSegment {
  const pieces = text.split(/\{([^{}]*)\}/);
  return {
    literals: pieces.filter((_, index) => index % 2 === 0).map(normalisedText),
    names: pieces.filter((_, index) => index % 2 === 1),
  };
}

/** The part of a base path or a template that has no parameters, as it stands in normalised paths. */
export function normalisedText(text: string): string {
  return text
    .replaceAll(/%([0-9A-Fa-f]{2})/g, (escape, digits: string) => {
      const character = String.fromCharCode(Number.parseInt(digits, 16));
      return /[A-Za-z0-9\-._~]/.test(character) ? character : escape.toUpperCase();
    })
    .replaceAll(/[^!$&-;=@-Z_a-z~%[\]]/gu, (character) => encodeURIComponent(character.toWellFormed()));
}
