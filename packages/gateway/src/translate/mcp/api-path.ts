import type { ApiTool } from '@turnpike/config/validation';
import { normalisePath, type NormalisedTarget } from '../../core/http/path.ts';
import type { JsonRecord } from '../../core/mcp/message.ts';
import { argumentOf, simple } from './parameter-text.ts';

/** A path that arguments make; or what is wrong with them, for a model to read. */
export type PathText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string };

/** An argument is one segment, or a part of one: it can never lead to another path. */
export function apiPath({ template, parameters }: ApiTool, basePath: string, args: JsonRecord): PathText {
  const inPath = new Map(parameters.filter((one) => one.in === 'path').map((one) => [one.name, one]));
  const pieces = template.split(/\{([^{}]*)\}/);
  let text = basePath === '/' ? '' : basePath;
  for (const [index, piece] of pieces.entries()) {
    if (index % 2 === 0) {
      text += encodeURI(decodeSafely(piece)).replaceAll(/[?#]/g, encodeURIComponent);
      continue;
    }
    const parameter = inPath.get(piece);
    const value = parameter === undefined ? undefined : argumentOf(args, parameter.argument);
    if (parameter === undefined || value === undefined) return refused(`the path needs ${piece}`);
    const written = simple(value, parameter);
    if (written === '' || !written.isWellFormed()) return refused(`${parameter.argument} must not be empty`);
    if (leadsAway(written)) return refused(`${parameter.argument} must not look like a part of a path`);
    text += encodeURIComponent(written).replaceAll('%2C', ',');
  }
  return normalised(text);
}

/**
 * Whether somebody who decodes more than once, or takes another character for a slash, could read another path into a value.
 * A slash itself may be part of a name, such as that of a branch; it stays encoded.
 */
function leadsAway(value: string): boolean {
  const readings = [value, decodedOnceMore(value)];
  return readings.some(
    (text) => /\p{Cc}/u.test(text) || text.split(/[/\\]/).some((part) => /^\.{1,2}(?:;|$)/.test(part)),
  );
}

function decodedOnceMore(value: string): string {
  return value.replaceAll(/%(2e|2f|5c|00)/gi, (escape) => decodeURIComponent(escape));
}

/** What the rest of the way takes for a path, and what no client could send itself is not sent for it. */
function normalised(text: string): PathText {
  const target: NormalisedTarget = { path: '', query: '', hasQuery: false };
  const isDotted = text.split('/').some((segment) => segment === '.' || segment === '..');
  if (isDotted) return refused('no part of the path may be "." or ".."');
  const refusal = normalisePath(text, target, 'keep');
  return refusal === undefined && !target.hasQuery
    ? { ok: true, text: target.path }
    : refused(`the path would not be one (${refusal ?? 'query'})`);
}

function decodeSafely(text: string): string {
  try {
    return decodeURI(text);
  } catch {
    // Not encoded: it stands for itself.
    return text;
  }
}

function refused(problem: string): PathText {
  return { ok: false, problem };
}
