import { MAX_ITEMS } from './expression-bindings.ts';
import { compilePattern, FUNCTIONS, type Matcher, type Node } from './expression-engine.ts';
import {
  IDENTITY_FIELDS,
  REQUEST_FIELDS,
  RESPONSE_FIELDS,
  VARIABLES,
  type Variable,
} from './expression-facts.ts';
import { nearest } from './nearest.ts';

const MAX_NODES = 500;
/** `all`, `exists`, `filter` and the like inside one another. */
const MAX_NESTING = 2;
/** Of comparing with a pattern: it takes linear time, but the text may be long. */
const MATCH_STEPS = 100;

/** What a part may cost, and how many items its value may have. */
export interface Estimate {
  readonly steps: number;
  readonly items: number;
}

const ONE: Estimate = { steps: 1, items: MAX_ITEMS };

/** What is around a part. */
interface Around {
  /** Variables of macros. */
  readonly names: ReadonlySet<string>;
  /** Macros whose body this is in. */
  readonly nesting: number;
}

/** The contents of a node of one kind. */
type Kind<Case extends Node['exprKind']['case']> = Extract<Node['exprKind'], { case: Case }>['value'];

/** Operators that are no functions, because they do not look at all of their operands. */
const LAZY_OPERATORS: ReadonlySet<string> = new Set(['_&&_', '_||_', '_?_:_', '_[_]', '@not_strictly_false']);
/** What macros call the result so far. */
const ACCUMULATOR = '@result';
/** For `type(x) == string`. */
const TYPES: ReadonlySet<string> = new Set(
  'bool bytes double int list map null_type string type uint'.split(' '),
);

/** Looks at every part of an expression once: counts, collects, and fails for what is not known. */
export class Walk {
  readonly variables = new Set<Variable>();
  readonly patterns = new Map<string, Matcher>();
  readonly #named: readonly Variable[];
  readonly #fail: (message: string, node: Node) => never;
  #nodes = 0;

  /** `named`: the variables that there are. */
  constructor(named: readonly Variable[], fail: (message: string, node: Node) => never) {
    this.#named = named;
    this.#fail = fail;
  }

  /** What evaluating a part costs at worst. */
  visit(node: Node, around: Around = { names: new Set(), nesting: 0 }): Estimate {
    if (++this.#nodes > MAX_NODES) this.#fail(`has more than ${MAX_NODES} parts`, node);
    const { exprKind } = node;
    switch (exprKind.case) {
      case 'constExpr':
        return { steps: 1, items: 0 };
      case 'identExpr':
        return this.#name(node, exprKind.value.name, around);
      case 'selectExpr':
        return this.#select(node, exprKind.value, around);
      case 'callExpr':
        return this.#call(node, exprKind.value, around);
      case 'listExpr':
        return this.#items(exprKind.value.elements, around);
      case 'structExpr':
        return this.#map(node, exprKind.value, around);
      case 'comprehensionExpr':
        return this.#comprehension(node, exprKind.value, around);
      case undefined:
      default:
        return this.#fail('has a part that means nothing here', node);
    }
  }

  #name(node: Node, name: string, { names }: Around): Estimate {
    if (names.has(name) || name === ACCUMULATOR || TYPES.has(name)) return ONE;
    const variable = this.#named.find((one) => one === name);
    if (variable === undefined) return this.#unknown(node, 'variable', name, this.#named);
    this.variables.add(variable);
    return ONE;
  }

  #select(node: Node, { operand, field }: Kind<'selectExpr'>, around: Around): Estimate {
    if (operand === undefined) return this.#fail('selects from nothing', node);
    const { steps } = this.visit(operand, around);
    const fields = fieldsOf(operand);
    if (fields !== null && !fields.includes(field)) return this.#unknown(node, 'field', field, fields);
    return { steps: steps + 1, items: MAX_ITEMS };
  }

  #call(node: Node, { function: name, target, args }: Kind<'callExpr'>, around: Around): Estimate {
    if (!LAZY_OPERATORS.has(name)) this.#checkCall(node, name, target !== undefined, args.length);
    if (name === 'matches') this.#compile(args[0] ?? node);
    const parts = (target === undefined ? args : [target, ...args]).map((part) => this.visit(part, around));
    const steps = 1 + total(parts.map((part) => part.steps));
    const items = parts.map((part) => part.items);
    switch (name) {
      case 'matches':
        return { steps: steps + MATCH_STEPS, items: 0 };
      case '@in':
        return { steps: steps + (items[1] ?? 0), items: 0 };
      case '_+_':
        return { steps, items: total(items) };
      case '_?_:_':
        return { steps, items: Math.max(...items) };
      default:
        return { steps, items: MAX_ITEMS };
    }
  }

  #checkCall(node: Node, name: string, isMethod: boolean, count: number): void {
    const overloads = FUNCTIONS.get(name);
    if (overloads === undefined) {
      const words = [...FUNCTIONS.keys()].filter((known) => /^\w+$/.test(known));
      this.#unknown(node, 'function', name, words);
    } else if (!overloads.some((one) => one.isMethod === isMethod && one.arguments === count)) {
      this.#fail(`\`${name}\` is not called like this`, node);
    }
  }

  /** A pattern that came from a client could be made to cost much, and would be compiled for every request. */
  #compile(node: Node): void {
    const constant = node.exprKind.case === 'constExpr' ? node.exprKind.value.constantKind : null;
    if (constant?.case !== 'stringValue')
      return this.#fail('`matches` takes a pattern that is written out', node);
    try {
      this.patterns.set(constant.value, compilePattern(constant.value));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#fail(`has a pattern that is no regular expression: ${reason}`, node);
    }
  }

  #items(nodes: readonly Node[], around: Around): Estimate {
    const steps = total(nodes.map((node) => this.visit(node, around).steps));
    return { steps: 1 + steps, items: nodes.length };
  }

  #map(node: Node, { messageName, entries }: Kind<'structExpr'>, around: Around): Estimate {
    if (messageName !== '') this.#unknown(node, 'message', messageName, []);
    const parts = entries.flatMap(({ keyKind, value }) => [
      ...(keyKind.case === 'mapKey' ? [keyKind.value] : []),
      ...(value === undefined ? [] : [value]),
    ]);
    return { ...this.#items(parts, around), items: entries.length };
  }

  #comprehension(node: Node, loop: Kind<'comprehensionExpr'>, around: Around): Estimate {
    const { iterRange, iterVar, accuInit, loopCondition, loopStep, result } = loop;
    const nesting = around.nesting + 1;
    if (nesting > MAX_NESTING) this.#fail(`has macros nested more than ${MAX_NESTING} deep`, node);
    if (iterRange === undefined) return this.#fail('goes through nothing', node);
    if (isVariable(iterVar)) this.#fail(`has another \`${iterVar}\` beside the variable of that name`, node);
    const range = this.visit(iterRange, around);
    const inside = { names: new Set([...around.names, iterVar]), nesting };
    const once = this.#items(present([accuInit, result]), inside).steps;
    const each = this.#items(present([loopCondition, loopStep]), inside).steps;
    return { steps: range.steps + once + range.items * each, items: range.items };
  }

  #unknown(node: Node, what: string, name: string, known: readonly string[]): never {
    const close = nearest(name, known);
    return this.#fail(
      `has no ${what} \`${name}\`${close === undefined ? '' : `; did you mean \`${close}\`?`}`,
      node,
    );
  }
}

function isVariable(name: string): boolean {
  return VARIABLES.some((variable) => variable === name);
}

const FIELDS: ReadonlyMap<string, readonly string[]> = new Map<Variable, readonly string[]>([
  ['request', REQUEST_FIELDS],
  ['identity', IDENTITY_FIELDS],
  ['response', RESPONSE_FIELDS],
]);

/** The fields of one of our variables; null for everything else. */
function fieldsOf({ exprKind }: Node): readonly string[] | null {
  return exprKind.case === 'identExpr' ? (FIELDS.get(exprKind.value.name) ?? null) : null;
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function present(nodes: readonly (Node | undefined)[]): Node[] {
  return nodes.filter((node) => node !== undefined);
}
