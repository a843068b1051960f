import { NAME_PATTERN } from './names.ts';
import { list, map, optional, secret, section, word } from './typebox.ts';

/** Tells forms that the text has lines, and comes from a file. */
function pem<S extends object>(schema: S): S {
  return { ...schema, contentMediaType: 'application/x-pem-file' };
}

const certificate = section('A certificate with its key, in place; best from `${file:…}`.', {
  certificate: pem(
    word('In PEM: the certificate, and behind it those that lead to its authority, in their order.'),
  ),
  key: pem(secret('The private key in PEM, not encrypted.')),
  listeners: optional(list('Listeners with TLS that show it. All of them by default.', word('A listener.'))),
});

/** Certificates of listeners that stand beside them, so that a database can have them too. */
export const certificates = map(
  {
    description:
      'Certificates beside those that stand in listeners, chosen by the name that a client asks for.',
    entry: 'certificate',
    pattern: NAME_PATTERN,
  },
  certificate,
);
