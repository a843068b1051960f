/**
 * A JSON log line as one for people: time, level, message, fields; the stack of an error on lines of its own.
 *
 * Control and format characters are escaped, so that what a client sent cannot drive the terminal.
 */
export function prettyLine(json: string, paint: Paint): string {
  const { time, level, message, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const label = String(level);
  let line = `${paint('dim', String(time).slice(11, 23))} ${paint(label, label.toUpperCase().padEnd(5))} ${visible(String(message))}`;
  let stacks = '';
  for (const [name, value] of Object.entries(fields)) {
    if (isError(value)) {
      line += ` ${paint('dim', `${visible(name)}=`)}${fieldText(value.message)}`;
      stacks += stackText(value.stack, paint);
    } else {
      line += ` ${paint('dim', `${visible(name)}=`)}${fieldText(value)}`;
    }
  }
  return `${line}\n${stacks}`;
}

/** Puts a style around a text, or does not. */
export type Paint = (style: string, text: string) => string;

/** For terminals without colour. */
export const plain: Paint = (_style, text) => text;

/** ANSI colours. */
export const coloured: Paint = (style, text) => `\u001b[${ANSI.get(style) ?? '0'}m${text}\u001b[0m`;

function isError(value: unknown): value is { message: string; stack: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'stack' in value &&
    typeof value.stack === 'string' &&
    'message' in value
  );
}

function stackText(stack: string, paint: Paint): string {
  const frames = stack.split('\n').slice(1);
  return frames.map((frame) => `${paint('dim', `    ${visible(frame.trim())}`)}\n`).join('');
}

/** Simple words as they are, everything else as JSON. */
function fieldText(value: unknown): string {
  const isWord = typeof value === 'string' && SIMPLE_WORD.test(value);
  return isWord ? value : visible(JSON.stringify(value));
}

function visible(text: string): string {
  return text.replaceAll(INVISIBLE, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`);
}

const SIMPLE_WORD = /^[\w.:/@-]+$/;
const INVISIBLE = /[\p{Cc}\p{Cf}]/gu;
const ANSI: ReadonlyMap<string, string> = new Map([
  ['dim', '2'],
  ['debug', '36'],
  ['info', '32'],
  ['warn', '33'],
  ['error', '31'],
]);
