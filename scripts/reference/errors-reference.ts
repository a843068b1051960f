import { ERRORS, type ErrorCode, type ErrorKind } from '../../packages/gateway/src/core/errors.ts';
import { typeName } from '../../packages/gateway/src/core/problem.ts';

/** The page `docs/reference/errors.md`, from the table of errors. */
export function errorsReference(): string {
  const rows = Object.entries<ErrorKind>(ERRORS).map(([code, kind]) => row(code as ErrorCode, kind));
  return `# Errors

Generated from \`packages/gateway/src/core/errors.ts\`; do not edit.

Everything that Turnpike itself can answer with. A client gets a problem document (RFC 9457, \`application/problem+json\`):

\`\`\`json
{
  "type": "https://turnpike.dev/problems/no-route",
  "title": "${ERRORS.NO_ROUTE.title}",
  "status": ${ERRORS.NO_ROUTE.status},
  "code": "NO_ROUTE",
  "requestId": "the same as in X-Request-Id and in the access log"
}
\`\`\`

\`type\` and \`code\` are stable, so programs may depend on them. Where the fault is the service's or the gateway's, the reply has
\`Proxy-Status: turnpike; error=…\` (RFC 9209) as well. *Retry* says whether the same request may succeed when it is sent
again. A route replaces the body of a status with \`policies.errors\`. An error that a service answers with goes through
unchanged and is not in this table.

| Code | Status | Fault | Retry | \`Proxy-Status\` | Meaning | Last part of \`type\` |
|---|---|---|---|---|---|---|
${rows.join('\n')}
`;
}

function row(code: ErrorCode, { status, fault, retryable, proxyError, title }: ErrorKind): string {
  const cells = [`\`${code}\``, status, fault, retryable ? 'yes' : 'no'];
  const proxyStatus = proxyError === null ? '' : `\`${proxyError}\``;
  return `| ${[...cells, proxyStatus, title, `\`${typeName(code)}\``].join(' | ')} |`;
}
