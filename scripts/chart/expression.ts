/** A pipeline of a Go template: values, fields, calls, and what is piped into them. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: unknown }
  /** A variable and its fields; `.` is the variable with the empty name. */
  | { readonly kind: 'field'; readonly variable: string; readonly path: readonly string[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'member'; readonly of: Expression; readonly path: readonly string[] };

/** What an expression is evaluated in. */
export interface Scope {
  readonly variables: ReadonlyMap<string, unknown>;
  call(name: string, args: readonly unknown[]): unknown;
}

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|-?\d+|\)(?:\.\w+)*|[|(]|\$?\w*(?:\.\w+)+|\.|\$\w*|\w+)/y;

/** Reads a pipeline; an error names it when it has something that is not known here. */
export function parseExpression(text: string): Expression {
  const tokens = tokensOf(text);
  const parsed = pipeline(tokens);
  if (tokens.length > 0) throw new Error(`not understood: ${text}`);
  return parsed;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) throw new Error(`not understood: ${text}`);
    tokens.push(token);
  }
  return tokens;
}

function pipeline(tokens: string[]): Expression {
  let value = command(tokens);
  while (tokens[0] === '|') {
    tokens.shift();
    const next = command(tokens);
    if (next.kind !== 'call') throw new Error('only functions can be piped into');
    value = { ...next, args: [...next.args, value] };
  }
  return value;
}

function command(tokens: string[]): Expression {
  const first = operand(tokens);
  if (first.kind !== 'call') return first;
  const args: Expression[] = [];
  while (tokens[0] !== undefined && tokens[0] !== '|' && !tokens[0].startsWith(')'))
    args.push(operand(tokens));
  return { ...first, args };
}

function operand(tokens: string[]): Expression {
  const token = tokens.shift() ?? '';
  if (token === '(') {
    const inner = pipeline(tokens);
    const [, ...path] = (tokens.shift() ?? '').split('.');
    return path.length === 0 ? inner : { kind: 'member', of: inner, path };
  }
  if (/^["\d-]/.test(token)) return { kind: 'literal', value: JSON.parse(token) as unknown };
  if (token === 'true' || token === 'false') return { kind: 'literal', value: token === 'true' };
  if (token.startsWith('.') || token.startsWith('$')) {
    const [variable = '', ...path] = token.split('.');
    return { kind: 'field', variable, path: path.filter((name) => name !== '') };
  }
  return { kind: 'call', name: token, args: [] };
}

/** The value of an expression. A field of nothing is nothing, as in Helm. */
export function evaluate(expression: Expression, scope: Scope): unknown {
  if (expression.kind === 'literal') return expression.value;
  if (expression.kind === 'member') return memberOf(evaluate(expression.of, scope), expression.path);
  if (expression.kind === 'call') {
    const args = expression.args.map((one) => evaluate(one, scope));
    return scope.call(expression.name, args);
  }
  const { variable, path } = expression;
  if (!scope.variables.has(variable)) throw new Error(`there is no variable ${variable}`);
  return memberOf(scope.variables.get(variable), path);
}

function memberOf(value: unknown, path: readonly string[]): unknown {
  return path.reduce((at, name) => (at as Record<string, unknown> | null | undefined)?.[name], value);
}
