// Finds its way in documents by itself: what the validator makes of them is what is tested.

/** What an object of JSON is. */
export type Node = Readonly<Record<string, unknown>>;

/** An operation, and what stands around it. */
export interface OperationNode {
  readonly method: string;
  readonly template: string;
  /** JSON Pointer. */
  readonly pointer: string;
  readonly operation: Node;
  /** References followed; those of the path that the operation does not replace come first. */
  readonly parameters: readonly Node[];
}

/** The members of what should be an object; none of what is not. */
export function nodeOf(value: unknown): Node {
  return typeof value === 'object' && value !== null ? (value as Node) : {};
}

/** Follows references within the document. */
export function followed(document: unknown, value: unknown): Node {
  const node = nodeOf(value);
  const { $ref } = node;
  if (typeof $ref !== 'string') return node;
  const steps = decodeURIComponent($ref.slice(1)).split('/').slice(1).map(unescaped);
  return followed(
    document,
    steps.reduce<unknown>((at, step) => nodeOf(at)[step], document),
  );
}

/** The operations of all paths. */
export function operationsOf(document: unknown): OperationNode[] {
  return Object.entries(nodeOf(nodeOf(document)['paths'])).flatMap(([template, written]) => {
    const item = followed(document, written);
    const at = typeof nodeOf(written)['$ref'] === 'string' ? String(nodeOf(written)['$ref']).slice(1) : '';
    const own = at === '' ? `/paths/${escaped(template)}` : decodeURIComponent(at);
    return METHODS.filter((name) => name in item).map((name) => {
      const operation = nodeOf(item[name]);
      const parameters = parametersOf(document, item, operation);
      return { method: name.toUpperCase(), template, pointer: `${own}/${name}`, operation, parameters };
    });
  });
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

function parametersOf(document: unknown, ...owners: readonly Node[]): Node[] {
  const all = owners.flatMap(({ parameters }) => Object.values(nodeOf(parameters)));
  const byName = all.map((written) => {
    const parameter = followed(document, written);
    return [`${String(parameter['in'])} ${String(parameter['name'])}`, parameter] as const;
  });
  return [...new Map(byName).values()];
}

function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

function escaped(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1');
}
