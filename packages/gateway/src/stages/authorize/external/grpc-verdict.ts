import { readCheckResponse, type CheckResponse, type HeaderOption } from './check-response.ts';
import { failed, MAX_BODY_BYTES, type Field, type Verdict } from './verdict.ts';

const FORBIDDEN = 403;

/** What an answer means. Headers that are none are left out; one that says no without a status means 403. */
export function grpcVerdict(message: Uint8Array, freshMs: number): Verdict {
  let response: CheckResponse;
  try {
    response = readCheckResponse(message);
  } catch {
    // Whatever is wrong with it: it says neither yes nor no.
    return failed('the answer is not well-formed');
  }
  const { code, ok, denied } = response;
  if (code !== 0) {
    const { status, headers, body } = denied;
    const isStatus = status >= 300 && status <= 599;
    return {
      kind: 'denied',
      status: isStatus ? status : FORBIDDEN,
      headers: fieldsOf(headers),
      body: bodyOf(body),
      freshMs,
    };
  }
  return {
    kind: 'allowed',
    upstream: fieldsOf(ok.headers.filter(({ isAppended }) => !isAppended)),
    added: fieldsOf(ok.headers.filter(({ isAppended }) => isAppended)),
    removed: ok.headersToRemove.map((name) => name.toLowerCase()),
    client: fieldsOf(ok.responseHeadersToAdd),
    freshMs,
  };
}

function bodyOf(text: string): string {
  const bytes = Buffer.from(text);
  return bytes.length > MAX_BODY_BYTES ? '' : bytes.toString('latin1');
}

function fieldsOf(options: readonly HeaderOption[]): Field[] {
  return options.flatMap(({ name, value }) => {
    const lower = name.toLowerCase();
    return TOKEN.test(lower) && !CONTROL.test(value) ? [[lower, latin1(value)]] : [];
  });
}

const TOKEN = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
/** What would end a line, or worse. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;

function latin1(text: string): string {
  return Buffer.from(text.trim()).toString('latin1');
}
