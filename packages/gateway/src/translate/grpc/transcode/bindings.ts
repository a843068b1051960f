import type { HttpRulesConfig } from '@turnpike/config';
import type { GrpcSchema } from '../../../core/grpc-schema.ts';
import { compileBinding, type Binding } from './binding.ts';
import { httpRules, selectorOf } from './http-rules.ts';
import { TemplateMatcher } from './template-matcher.ts';

/** All ways to call the methods of a service by HTTP. */
export interface Bindings {
  readonly matcher: TemplateMatcher<Binding>;
  /** In the order in which they win. */
  readonly all: readonly Binding[];
  /** What could not be made ready, and what nobody can reach. */
  readonly problems: readonly string[];
}

/** Makes the rules of a schema ready. A rule that makes no sense is left out and told: the other methods are served. */
export function compileBindings(schema: GrpcSchema, configured: readonly HttpRulesConfig[]): Bindings {
  const matcher = new TemplateMatcher<Binding>();
  const all: Binding[] = [];
  const problems = unknownSelectors(schema, configured);
  for (const methodRule of httpRules(schema.methods, configured)) {
    const binding = compileBinding(methodRule);
    const selector = selectorOf(methodRule.method);
    if (typeof binding === 'string') problems.push(`${selector}: ${binding}`);
    else if (matcher.add(binding.verb, binding.template, binding)) all.push(binding);
    else
      problems.push(
        `${selector}: ${binding.verb} ${binding.template.text} belongs to another method already`,
      );
  }
  return { matcher, all, problems };
}

function unknownSelectors(schema: GrpcSchema, configured: readonly HttpRulesConfig[]): string[] {
  const known = new Set(schema.methods.map(selectorOf));
  return configured.flatMap(({ selector }) =>
    known.has(selector) ? [] : [`${selector}: there is no such method`],
  );
}
