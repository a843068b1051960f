import type { TemplateVariable } from '@turnpike/config/http-template';

/**
 * What a variable of a template stands for in a path, or null if its escapes are no text.
 *
 * Of a single segment all escapes are decoded; of several all but `%2F`, so that one cannot be taken for a border
 * (google.api.HttpRule, "Path template syntax").
 */
export function captureOf(variable: TemplateVariable, segments: readonly string[]): string | null {
  const { from, to, isSingle } = variable;
  const raw = isSingle ? (segments[from] ?? '') : segments.slice(from, to).join('/');
  if (!raw.includes('%')) return raw;
  return isSingle ? unescaped(raw) : unescaped(raw.replaceAll(/%(2f)/gi, '%25$1'));
}

function unescaped(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
