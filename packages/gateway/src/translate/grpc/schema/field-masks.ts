/** A path of a `FieldMask` as JSON has it: `user.displayName`. Null: it would not come back the same. */
export function maskPathText(path: string): string | null {
  let text = '';
  for (let index = 0; index < path.length; index++) {
    const code = path.charCodeAt(index);
    if (code >= 0x41 && code <= 0x5a) return null;
    if (code !== 0x5f) {
      text += path[index];
      continue;
    }
    const next = path.charCodeAt(++index);
    if (!(next >= 0x61 && next <= 0x7a)) return null;
    text += String.fromCharCode(next - 0x20);
  }
  return text;
}

/** The way back: `user.display_name`. Null: it has an underscore. */
export function maskPathOf(text: string): string | null {
  let path = '';
  for (const character of text) {
    if (character === '_') return null;
    const lower = character.toLowerCase();
    path += character >= 'A' && character <= 'Z' ? `_${lower}` : character;
  }
  return path;
}
