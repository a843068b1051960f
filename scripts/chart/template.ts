// The part of Go's text/template that our chart uses: actions with trimming, if, else, with, range, define and variables.
import { evaluate, parseExpression, type Expression, type Scope } from './expression.ts';

type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly value: Expression }
  | { readonly kind: 'set'; readonly variable: string; readonly value: Expression }
  | {
      readonly kind: 'block';
      readonly word: 'if' | 'with' | 'range';
      readonly value: Expression;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    };

/** Templates by their names; each file is one, and may define others. */
export type Templates = Map<string, readonly Node[]>;

interface Piece {
  readonly isAction: boolean;
  readonly text: string;
}

/** Adds a file and what it defines. */
export function addTemplates(templates: Templates, name: string, text: string): void {
  const pieces = piecesOf(text);
  templates.set(name, nodesUntil(pieces, templates).nodes);
}

/** Text and actions in turn; `{{-` and `-}}` take the white space away beside them. */
function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let isTrimmed = false;
  for (const match of text.matchAll(/\{\{(-?)\s*(.*?)\s*(-?)\}\}/gs)) {
    const before = text.slice(at, match.index);
    const left = isTrimmed ? before.trimStart() : before;
    pieces.push({ isAction: false, text: match[1] === '-' ? left.trimEnd() : left });
    if (match[2]?.startsWith('/*') !== true) pieces.push({ isAction: true, text: match[2] ?? '' });
    at = match.index + match[0].length;
    isTrimmed = match[3] === '-';
  }
  pieces.push({ isAction: false, text: isTrimmed ? text.slice(at).trimStart() : text.slice(at) });
  return pieces;
}

/** Nodes until `end` or `else` on the same level, and which of them it was. */
function nodesUntil(pieces: Piece[], templates: Templates): { nodes: Node[]; end: string } {
  const nodes: Node[] = [];
  for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
    const { isAction, text } = piece;
    const [, word = '', rest = ''] = /^(\w*)\s*(.*)$/s.exec(text) ?? [];
    if (!isAction) nodes.push({ kind: 'text', text });
    else if (word === 'end' || word === 'else') return { nodes, end: word };
    else if (word === 'define') templates.set(String(JSON.parse(rest)), nodesUntil(pieces, templates).nodes);
    else if (word === 'if' || word === 'with' || word === 'range') {
      const { nodes: body, end } = nodesUntil(pieces, templates);
      const otherwise = end === 'else' ? nodesUntil(pieces, templates).nodes : [];
      nodes.push({ kind: 'block', word, value: parseExpression(rest), body, otherwise });
    } else nodes.push(simpleNode(text));
  }
  return { nodes, end: '' };
}

function simpleNode(text: string): Node {
  const [, variable, value = ''] = /^(\$\w+)\s*:=\s*(.*)$/s.exec(text) ?? [];
  if (variable === undefined) return { kind: 'print', value: parseExpression(text) };
  return { kind: 'set', variable, value: parseExpression(value) };
}

/** What a template of this name makes of a value. */
export function renderTemplate(
  templates: Templates,
  name: string,
  dot: unknown,
  call: Scope['call'],
): string {
  const nodes = templates.get(name);
  if (nodes === undefined) throw new Error(`there is no template ${name}`);
  return render(
    nodes,
    new Map([
      ['', dot],
      ['$', dot],
    ]),
    call,
  );
}

function render(nodes: readonly Node[], outer: ReadonlyMap<string, unknown>, call: Scope['call']): string {
  const variables = new Map(outer);
  const scope = { variables, call };
  return nodes
    .map((node) => {
      if (node.kind === 'text') return node.text;
      const value = evaluate(node.value, scope);
      if (node.kind === 'print') return printed(value);
      if (node.kind === 'set') {
        variables.set(node.variable, value);
        return '';
      }
      if (!isTrue(value)) return render(node.otherwise, variables, call);
      const values = node.word === 'range' ? (value as readonly unknown[]) : [value];
      return values
        .map((dot) =>
          render(node.body, node.word === 'if' ? variables : new Map([...variables, ['', dot]]), call),
        )
        .join('');
    })
    .join('');
}

function printed(value: unknown): string {
  if (value === undefined || value === null) throw new Error('a value is missing');
  if (typeof value === 'object') throw new Error('a mapping or list is printed; use toYaml');
  return String(value);
}

/** What Go takes for true: all but nothing, zero, and what is empty. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}
