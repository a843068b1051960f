// Expressions in CEL (cel.dev): a door of its own, so that who has none does not load what they need. Pure: runs in a
// browser too.

import { FactBindings, valueOf } from './expression-bindings.ts';
import { type Asked, checkedExpression, ExpressionProblem, readExpression } from './expression-check.ts';
import { planEvaluation, type Scalar } from './expression-engine.ts';
import type { Facts, JsonRecord, Variable } from './expression-facts.ts';
import type { ExpressionKind } from './expression-kinds.ts';

export type { ExpressionKind } from './expression-kinds.ts';
export type {
  Facts,
  IdentityFacts,
  JsonRecord,
  JsonValue,
  Lookup,
  RequestFacts,
  ResponseFacts,
  Variable,
} from './expression-facts.ts';

/** An expression, ready for requests. */
export interface Evaluator<T> {
  /** Those that it names: nothing else of the facts is ever looked at. */
  readonly variables: ReadonlySet<Variable>;
  /**
   * What it comes to; `null` where it comes to nothing, because something is missing or of another type. Never throws, and
   * takes at most about as long as its bounds allow, whatever the facts are.
   */
  readonly evaluate: (facts: Facts) => T | null;
}

/** A rule. */
export type Expression = Evaluator<boolean>;

/** What is wrong with an expression, for who wrote it; `null`: nothing. Only one about responses may name `response`. */
export function checkExpression(
  text: string,
  kind: ExpressionKind = 'boolean',
  about: Asked['about'] = 'request',
): string | null {
  const result = unlessProblem(() => checkedExpression(text, { kind, about }));
  return result instanceof ExpressionProblem ? result.message : null;
}

/** Whether an expression names a variable; one that cannot be read names none. */
export function expressionNames(variable: Variable, text: string): boolean {
  if (!text.includes(variable)) return false;
  const result = unlessProblem(() => readExpression(text, 'response'));
  return !(result instanceof ExpressionProblem) && result.variables.has(variable);
}

function unlessProblem<T>(read: () => T): T | ExpressionProblem {
  try {
    return read();
  } catch (error) {
    if (error instanceof ExpressionProblem) return error;
    throw error;
  }
}

/** Makes a rule ready. The configuration was checked, so one that is wrong is a mistake of ours and throws. */
export function compileExpression(text: string): Expression {
  return compile(text, { kind: 'boolean', about: 'request' }, (result) =>
    typeof result === 'boolean' ? result : null,
  );
}

/**
 * The same for an amount, such as a cost: a finite number that is never negative, because a header that a client sends
 * must not fill a bucket up. A text that holds a decimal number, such as a header, is that number. The facts may hold
 * `response`.
 */
export function compileNumber(text: string): Evaluator<number> {
  return compile(text, { kind: 'number', about: 'response' }, (result) => {
    const amount = typeof result === 'string' ? decimal(result) : result;
    return typeof amount === 'number' && Number.isFinite(amount) && amount >= 0 ? amount : null;
  });
}

/** The same for a part of a key: a text, or a number or a boolean as one. */
export function compileText(text: string): Evaluator<string> {
  return compile(text, { kind: 'text', about: 'request' }, String);
}

/** The same for a field of a log, which keeps its type. The facts hold `response`. */
export function compileLogField(text: string): Evaluator<Scalar> {
  return compile(text, { kind: 'text', about: 'response' }, (result) => result);
}

/**
 * A filter for lines of the access log: `line.status >= 500 && line.durationMs > 100.0`. What comes to nothing, because a line
 * lacks it, does not fit. `checkExpression` with `line` says beforehand what is wrong with it.
 */
export function compileLineFilter(text: string): (line: JsonRecord) => boolean {
  const { root, patterns } = checkedExpression(text, { kind: 'boolean', about: 'line' });
  const evaluate = planEvaluation(root, patterns);
  return (line) => evaluate({ line: valueOf(line) }) === true;
}

function compile<T>(text: string, asked: Asked, convert: (result: Scalar) => T | null): Evaluator<T> {
  const { root, variables, patterns } = checkedExpression(text, asked);
  const evaluate = planEvaluation(root, patterns);
  return {
    variables,
    evaluate: (facts) => {
      const result = evaluate(new FactBindings(facts));
      return result === undefined ? null : convert(result);
    },
  };
}

const MAX_DIGITS = 20;

function decimal(text: string): number | null {
  return text.length <= MAX_DIGITS && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}
