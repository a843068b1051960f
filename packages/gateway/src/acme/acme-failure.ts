/** An order did not come to its end. `message` is for the log and for operators; it may quote the authority. */
export class AcmeFailure extends Error {
  override readonly name = 'AcmeFailure';
  /** Type of the problem that the authority told of, without its prefix (RFC 8555 §6.7), or `''`. */
  readonly type: string;
  /** How long the authority wants to be left alone; 0: it did not say. */
  readonly retryAfterMs: number;

  constructor(message: string, { type = '', retryAfterMs = 0, cause }: FailureDetails = {}) {
    super(message, { cause });
    this.type = type;
    this.retryAfterMs = retryAfterMs;
  }
}

interface FailureDetails {
  readonly type?: string;
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** The most that is kept of what an authority says. */
const MOST_CHARACTERS = 400;

/** What an authority says went wrong: a problem document, or one in an authorisation or order. */
export function problemText(problem: unknown): { readonly type: string; readonly text: string } {
  const { type, detail, subproblems } = asObject(problem);
  const kind = typeof type === 'string' ? type.slice(0, 100).replace(/^urn:ietf:params:acme:error:/, '') : '';
  const told = typeof detail === 'string' ? detail : '';
  const [first] = Array.isArray(subproblems) ? subproblems : [];
  // One level: there are no others in RFC 8555 §6.7.1, and whoever nests them deeply means no good.
  const inner = first === undefined ? '' : problemText({ ...asObject(first), subproblems: [] }).text;
  const more = inner === '' ? '' : ` (${inner})`;
  return { type: kind, text: printable(`${kind}${kind && told ? ': ' : ''}${told}${more}`) };
}

/** A value as an object, so that its members may be looked at; nobody's word is taken for their types. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** An address that an authority names; it never leaves TLS (RFC 8555 §6.1). */
export function httpsUrl(value: unknown, name: string): string {
  if (typeof value === 'string' && value.startsWith('https://') && URL.canParse(value)) return value;
  throw new AcmeFailure(`the authority gives no https address as ${name}`);
}

function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- a log must not be steered by somebody else's text
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ').slice(0, MOST_CHARACTERS);
}
