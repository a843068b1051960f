import type { LogFieldSource } from '../resolved/access-log.ts';
import { type Parsed, refused, understood } from './parsed.ts';
import { parseRequestTemplate } from './request-template.ts';

/** A field of the access log: `{header.x-tenant}`, or `rule:` and an expression in CEL. */
export function parseLogField(text: string): Parsed<LogFieldSource> {
  if (text.startsWith('rule:')) {
    const rule = text.slice('rule:'.length).trim();
    return rule === '' ? refused('has nothing after rule:') : understood({ kind: 'rule', rule });
  }
  const template = parseRequestTemplate(text);
  return template.ok ? understood({ kind: 'template', text: template.value }) : template;
}
