/** As many as take about a millisecond. */
const ENTRIES = 200;

/**
 * `JSON.stringify` of plain JSON, slice by slice: long lists are cut, so that who writes millions of characters can let others have
 * their turn in between.
 */
export function* jsonSlices(value: unknown): Generator<string> {
  if (Array.isArray(value)) yield* listSlices(value);
  else if (typeof value === 'object' && value !== null) yield* objectSlices(value);
  else yield JSON.stringify(value);
}

function* listSlices(list: readonly unknown[]): Generator<string> {
  for (let at = 0; at < list.length; at += ENTRIES) {
    const text = JSON.stringify(list.slice(at, at + ENTRIES));
    yield (at === 0 ? '[' : ',') + text.slice(1, -1);
  }
  yield list.length === 0 ? '[]' : ']';
}

function* objectSlices(value: object): Generator<string> {
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  for (const [place, [name, member]] of members.entries()) {
    yield `${place === 0 ? '{' : ','}${JSON.stringify(name)}:`;
    yield* jsonSlices(member);
  }
  yield members.length === 0 ? '{}' : '}';
}
