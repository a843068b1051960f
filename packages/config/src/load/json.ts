import type { Position } from '../issue.ts';
import type { Path } from '../path.ts';
import type { Locate } from '../source/source.ts';
import { lineMap } from './line-map.ts';
import { emptyFile, keyPositions, type ParsedText, type SyntaxFault, unreadable } from './parsed-text.ts';
import { JsonFault, scanJson } from './scan-json.ts';

/**
 * Parses JSON (RFC 8259), strictly: no comments, and a key twice in one object is an error.
 *
 * `JSON.parse` builds the value; one scan beside it finds the places of sections and entries, and twins.
 * Other places are looked for only when something is wrong there.
 */
export function parseJson(text: string): ParsedText {
  if (text.trim() === '') return unreadable([emptyFile()]);
  const positionAt = lineMap(text);
  const keys = keyPositions();
  const faults: SyntaxFault[] = [];
  const path: (string | number)[] = [];
  const seen: Set<string | number>[] = [new Set()];
  try {
    scanJson(text, {
      enter: (key, keyOffset) => {
        path.push(key);
        const siblings = seen.at(-1);
        if (siblings?.has(key) === true) faults.push(twin(key, positionAt(keyOffset)));
        siblings?.add(key);
        seen.push(new Set());
        if (path.length <= 2) keys.note(path, positionAt(keyOffset));
      },
      leave: () => {
        path.pop();
        seen.pop();
      },
    });
    const value: unknown = JSON.parse(text);
    return { value, faults, keyPosition: keys.find, openLocator: () => openLocator(text) };
  } catch (error) {
    return unreadable([...faults, syntaxFault(error, positionAt)]);
  }
}

function twin(key: string | number, position: Position): SyntaxFault {
  const message = `the key ${JSON.stringify(key)} stands twice in the same object; keep one of them`;
  return { code: 'DUPLICATE_KEY', message, position };
}

function syntaxFault(error: unknown, positionAt: (offset: number) => Position): SyntaxFault {
  const offset = error instanceof JsonFault ? error.offset : 0;
  const reason = error instanceof JsonFault ? error.message : 'malformed';
  return { code: 'SYNTAX', message: `this is not JSON: ${reason}`, position: positionAt(offset) };
}

interface Node {
  readonly keyOffset: number;
  readonly valueOffset: number;
  readonly children: Map<string | number, Node>;
}

function openLocator(text: string): Locate {
  const positionAt = lineMap(text);
  const root: Node = { keyOffset: 0, valueOffset: 0, children: new Map() };
  const open = [root];
  scanJson(text, {
    enter: (key, keyOffset, valueOffset) => {
      const node: Node = { keyOffset, valueOffset, children: new Map() };
      open.at(-1)?.children.set(key, node);
      open.push(node);
    },
    leave: () => {
      open.pop();
    },
  });
  return (path, at) => positionAt(offsetOf(root, path, at));
}

function offsetOf(root: Node, path: Path, at: 'key' | 'value'): number {
  let node = root;
  for (const part of path) {
    const child = node.children.get(part);
    if (child === undefined) return node.keyOffset;
    node = child;
  }
  return at === 'key' ? node.keyOffset : node.valueOffset;
}
