import type { HttpBindingConfig, HttpRulesConfig } from '@turnpike/config';
import type { GrpcMethod, HttpRule } from '../../../core/grpc-schema.ts';

/** A method, and one way to call it by HTTP. */
export interface MethodRule {
  readonly method: GrpcMethod;
  readonly rule: HttpRule;
}

/**
 * The ways to call the methods of a schema, those that win first: of a method those in the configuration, or its annotations, or
 * where there are none `POST /package.Service/Method` with all of the message in the body.
 */
export function httpRules(
  methods: readonly GrpcMethod[],
  configured: readonly HttpRulesConfig[],
): MethodRule[] {
  // The last of a selector counts (google.api.Http).
  const bySelector = new Map(configured.map(({ selector, bindings }) => [selector, bindings]));
  const written: MethodRule[] = [];
  const annotated: MethodRule[] = [];
  for (const method of methods) {
    const own = bySelector.get(selectorOf(method));
    if (own === undefined) annotated.push(...rulesOf(method).map((rule) => ({ method, rule })));
    else written.push(...own.map((binding) => ({ method, rule: ruleOf(binding) })));
  }
  return [...written, ...annotated];
}

/** What the configuration calls a method. */
export function selectorOf({ service, name }: Pick<GrpcMethod, 'service' | 'name'>): string {
  return `${service}.${name}`;
}

function rulesOf({ http, path }: GrpcMethod): readonly HttpRule[] {
  return http.length > 0 ? http : [{ method: 'POST', template: path, body: '*', responseBody: '' }];
}

function ruleOf({ method, template, body, responseBody }: HttpBindingConfig): HttpRule {
  return { method, template, body, responseBody };
}
