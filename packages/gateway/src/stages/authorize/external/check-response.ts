import { readMessage, textOf } from './message-fields.ts';

// What we get, as far as it concerns us. The numbers of the fields are the contract.
//
//   package envoy.service.auth.v3;
//
//   message CheckResponse      { Status status = 1; DeniedHttpResponse denied_response = 2; OkHttpResponse ok_response = 3; }
//   message Status             { int32 code = 1; }
//   message DeniedHttpResponse { HttpStatus status = 1; repeated HeaderValueOption headers = 2; string body = 3; }
//   message HttpStatus         { int32 code = 1; }
//   message OkHttpResponse     { repeated HeaderValueOption headers = 2; repeated string headers_to_remove = 5;
//                                repeated HeaderValueOption response_headers_to_add = 6; }
//   message HeaderValueOption  { HeaderValue header = 1; BoolValue append = 2; }
//   message HeaderValue        { string key = 1; string value = 2; bytes raw_value = 3; }
//   message BoolValue          { bool value = 1; }

/** An answer. Which of the two responses counts, `code` says. */
export interface CheckResponse {
  /** 0 allows. */
  readonly code: number;
  readonly denied: DeniedHttpResponse;
  readonly ok: OkHttpResponse;
}

export interface DeniedHttpResponse {
  /** 0: it does not say. */
  readonly status: number;
  readonly headers: readonly HeaderOption[];
  readonly body: string;
}

export interface OkHttpResponse {
  /** For the service. */
  readonly headers: readonly HeaderOption[];
  readonly headersToRemove: readonly string[];
  /** For the client. */
  readonly responseHeadersToAdd: readonly HeaderOption[];
}

/** A header, as it is written there. */
export interface HeaderOption {
  readonly name: string;
  readonly value: string;
  /** Comes beside the value that there is, instead of in its place. */
  readonly isAppended: boolean;
}

/** Reads a `CheckResponse`. Throws for what is none. */
export function readCheckResponse(bytes: Uint8Array): CheckResponse {
  let code = 0;
  let denied = readDenied(NOTHING);
  let ok = readOk(NOTHING);
  readMessage(bytes, {
    delimited: {
      1: (value) => (code = readCode(value)),
      2: (value) => (denied = readDenied(value)),
      3: (value) => (ok = readOk(value)),
    },
  });
  return { code, denied, ok };
}

const NOTHING = new Uint8Array();

/** `Status` and `HttpStatus` have theirs in the same place. */
function readCode(bytes: Uint8Array): number {
  let code = 0;
  readMessage(bytes, { varint: { 1: (value) => (code = value) } });
  return code;
}

function readDenied(bytes: Uint8Array): DeniedHttpResponse {
  let status = 0;
  let body = '';
  const headers: HeaderOption[] = [];
  readMessage(bytes, {
    delimited: {
      1: (value) => (status = readCode(value)),
      2: (value) => headers.push(readHeaderOption(value)),
      3: (value) => (body = textOf(value)),
    },
  });
  return { status, headers, body };
}

function readOk(bytes: Uint8Array): OkHttpResponse {
  const headers: HeaderOption[] = [];
  const headersToRemove: string[] = [];
  const responseHeadersToAdd: HeaderOption[] = [];
  readMessage(bytes, {
    delimited: {
      2: (value) => headers.push(readHeaderOption(value)),
      5: (value) => headersToRemove.push(textOf(value)),
      6: (value) => responseHeadersToAdd.push(readHeaderOption(value)),
    },
  });
  return { headers, headersToRemove, responseHeadersToAdd };
}

function readHeaderOption(bytes: Uint8Array): HeaderOption {
  let name = '';
  let value = '';
  let isAppended = false;
  const readHeader = (header: Uint8Array): void =>
    readMessage(header, {
      delimited: {
        1: (key) => (name = textOf(key)),
        2: (text) => (value = textOf(text)),
        3: (raw) => (value = textOf(raw)),
      },
    });
  readMessage(bytes, {
    delimited: { 1: readHeader, 2: (append) => (isAppended = readCode(append) !== 0) },
  });
  return { name, value, isAppended };
}
