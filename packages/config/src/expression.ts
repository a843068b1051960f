// Expressions in CEL (cel.dev): a door of its own, so that who has none does not load what they need. Pure: runs in a
// browser too.

import { FactBindings } from './expression-bindings.ts';
import { checkedExpression, ExpressionProblem } from './expression-check.ts';
import { planEvaluation } from './expression-engine.ts';
import type { Facts, Variable } from './expression-facts.ts';

export type {
  Facts,
  IdentityFacts,
  JsonRecord,
  JsonValue,
  Lookup,
  RequestFacts,
  Variable,
} from './expression-facts.ts';

/** An expression, ready for requests. */
export interface Expression {
  /** Those that it names: nothing else of the facts is ever looked at. */
  readonly variables: ReadonlySet<Variable>;
  /**
   * What it comes to; `null` where it comes to nothing, because something is missing or of another type. Never throws, and
   * takes at most about as long as its bounds allow, whatever the facts are.
   */
  readonly evaluate: (facts: Facts) => boolean | null;
}

/** What is wrong with an expression, for who wrote it; `null`: nothing. */
export function checkExpression(text: string): string | null {
  try {
    checkedExpression(text);
    return null;
  } catch (error) {
    if (error instanceof ExpressionProblem) return error.message;
    throw error;
  }
}

/** Makes an expression ready. The configuration was checked, so one that is wrong is a mistake of ours and throws. */
export function compileExpression(text: string): Expression {
  const { root, variables, patterns } = checkedExpression(text);
  const evaluate = planEvaluation(root, patterns);
  return {
    variables,
    evaluate: (facts) => {
      const result = evaluate(new FactBindings(facts));
      return typeof result === 'boolean' ? result : null;
    },
  };
}
