import { mediaType } from '../../../core/connect-refusal.ts';
import type { Headers } from '../../../core/headers.ts';

const WEB = 'application/grpc-web';
const TEXT = 'application/grpc-web-text';

/** In which of its forms a gRPC-Web client sends and reads messages. */
export interface WebForm {
  readonly sendsText: boolean;
  readonly readsText: boolean;
  /** The format of the messages as it stands in the type: `+proto`, or `''`. */
  readonly format: string;
}

/** The form of a request. What it reads is what it sends, unless `Accept` names the other one alone. */
export function webForm(request: Headers): WebForm {
  const type = mediaType(request.get('content-type'));
  const accept = (request.getList('accept') ?? '').toLowerCase();
  const sendsText = type.startsWith(TEXT);
  const namesText = accept.includes(TEXT);
  const namesBinary = /application\/grpc-web(?!-text)/.test(accept);
  const readsText = namesText === namesBinary ? sendsText : namesText;
  return { sendsText, readsText, format: formatOf(type) };
}

/** The type of a reply, by that of the service. */
export function replyType(readsText: boolean, ofService: string | undefined): string {
  return (readsText ? TEXT : WEB) + formatOf(mediaType(ofService));
}

function formatOf(type: string): string {
  const plus = type.indexOf('+');
  const format = plus === -1 ? '' : type.slice(plus);
  return /^\+[a-z0-9.-]{1,64}$/.test(format) ? format : '';
}
