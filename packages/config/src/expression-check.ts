import { readSyntax, type Matcher, type Node } from './expression-engine.ts';
import { VARIABLES, type Variable } from './expression-facts.ts';
import { type ExpressionKind, mayGive } from './expression-kinds.ts';
import { Walk } from './expression-walk.ts';

const MAX_LENGTH = 4096;
/** Brackets inside one another: each costs the parser some stack. */
const MAX_DEPTH = 50;
/** Of one evaluation, at worst. */
const MAX_STEPS = 500_000;

/** An expression that may be evaluated for every request. */
export interface CheckedExpression {
  readonly root: Node;
  /** Those that it names. */
  readonly variables: ReadonlySet<Variable>;
  /** The patterns of its `matches`, compiled. */
  readonly patterns: ReadonlyMap<string, Matcher>;
}

/** What is asked of an expression. */
export interface Asked {
  readonly kind: ExpressionKind;
  /** Where it is evaluated: of the response nothing is known before it has come, and of a line of the log only what it says. */
  readonly about: 'request' | 'response' | 'line';
}

/** Why an expression cannot be used, and where. */
export class ExpressionProblem extends Error {
  constructor(message: string, text = '', offset = -1) {
    super(offset === -1 ? message : `${message} (${positionIn(text, offset)})`);
    this.name = 'ExpressionProblem';
  }
}

function positionIn(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n');
  const column = (lines.at(-1) ?? '').length + 1;
  return text.includes('\n') ? `line ${lines.length}, column ${column}` : `column ${column}`;
}

/**
 * Reads an expression and holds it against all that can be known before the first request: its size, its names, how it
 * calls functions, its patterns, what it may cost, and whether it can give what is asked for. Throws an `ExpressionProblem`.
 */
export function checkedExpression(text: string, { kind, about }: Asked): CheckedExpression {
  const expression = readExpression(text, about);
  if (!mayGive(kind, expression.root)) throw new ExpressionProblem(NEVER[kind]);
  return expression;
}

/** The same, whatever it gives. */
export function readExpression(text: string, about: Asked['about']): CheckedExpression {
  if (text.length > MAX_LENGTH) throw new ExpressionProblem(`is longer than ${MAX_LENGTH} characters`);
  if (depthOf(text) > MAX_DEPTH) throw new ExpressionProblem(TOO_DEEP);
  const syntax = readSyntax(text);
  if ('brokenAt' in syntax) throw unreadable(text, syntax.brokenAt);
  const { root } = syntax;
  const walk = new Walk(NAMED[about], (message, node) => {
    throw new ExpressionProblem(message, text, syntax.offsetOf(node));
  });
  const { steps } = walk.visit(root);
  if (steps > MAX_STEPS)
    throw new ExpressionProblem(`may take ${steps} steps for one request; ${MAX_STEPS} is the most`);
  return { root, variables: walk.variables, patterns: walk.patterns };
}

const NAMED: Readonly<Record<Asked['about'], readonly Variable[]>> = {
  request: VARIABLES.filter((name) => name !== 'response'),
  response: VARIABLES,
  line: ['line'],
};

const NEVER: Readonly<Record<ExpressionKind, string>> = {
  boolean: 'is never true or false',
  number: 'is never a number',
  text: 'is never text, a number, true or false',
};

const TOO_DEEP = 'is nested too deeply';
const STRINGS = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/gs;

function depthOf(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const character of text.replaceAll(STRINGS, '')) {
    if ('([{'.includes(character)) deepest = Math.max(deepest, ++depth);
    else if (')]}'.includes(character)) depth--;
  }
  return deepest;
}

function unreadable(text: string, brokenAt: number | null): ExpressionProblem {
  if (brokenAt === null) return new ExpressionProblem(TOO_DEEP);
  const rest = text.slice(brokenAt, brokenAt + 20);
  if (rest === '') return new ExpressionProblem('breaks off', text, text.length);
  return new ExpressionProblem(`cannot be read from \`${rest}\` on`, text, brokenAt);
}
