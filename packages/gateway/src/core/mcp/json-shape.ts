/** What is wrong with a JSON text, beyond its syntax. */
export type ShapeFault = 'too-deep' | 'duplicate-name' | null;

/**
 * Looks for what two readers of one text may understand differently, or fail on: a name that is twice in one object, and nesting
 * deeper than `maxDepth`. The text must be valid JSON. Linear time; memory grows with the names only.
 */
export function shapeFault(text: string, maxDepth: number): ShapeFault {
  /** Of each open object its names; of a list null. */
  const open: (Set<string> | null)[] = [];
  let isName = false;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case OPEN_OBJECT:
      case OPEN_LIST: {
        const isObject = text.charCodeAt(at) === OPEN_OBJECT;
        if (open.length >= maxDepth) return 'too-deep';
        open.push(isObject ? new Set() : null);
        isName = isObject;
        break;
      }
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        open.pop();
        isName = false;
        break;
      case COMMA:
        isName = open.at(-1) instanceof Set;
        break;
      case QUOTE: {
        const end = endOfString(text, at);
        if (isName && !isNew(open.at(-1), text.slice(at, end + 1))) return 'duplicate-name';
        isName = false;
        at = end;
        break;
      }
      default:
    }
  }
  return null;
}

const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];
const [COMMA, QUOTE, BACKSLASH] = [0x2c, 0x22, 0x5c];

function isNew(names: Set<string> | null | undefined, written: string): boolean {
  if (!(names instanceof Set)) return true;
  const name = written.includes('\\') ? (JSON.parse(written) as string) : written.slice(1, -1);
  if (names.has(name)) return false;
  names.add(name);
  return true;
}

/** Where the string that begins here ends. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (; at < text.length && text.charCodeAt(at) !== QUOTE; at++) {
    if (text.charCodeAt(at) === BACKSLASH) at++;
  }
  return at;
}
