import { NAME_PATTERN } from './names.ts';
import {
  either,
  list,
  map,
  notation,
  optional,
  orElse,
  scalar,
  secretNotation,
  section,
  text,
} from './typebox.ts';

const key = secretNotation(
  'apiKey',
  'A key of at least 16 characters, best from `${env:NAME}`, or `sha256:` and the digest of one.',
);

const keyThatExpires = section('A key that is good for some time.', {
  key,
  expires: notation('date', 'From when on it is refused. A date alone is its first moment, in UTC.'),
});

/** What tells a client certificate. */
export const CERTIFICATE_FACTS = {
  subject: optional(
    notation('distinguishedName', 'The distinguished name (RFC 4514): `CN=warehouse,O=Example`.'),
  ),
  san: optional(
    notation(
      'subjectAltName',
      'A subject alternative name: `dns:`, `uri:`, `email:` or `ip:` and its value.',
    ),
  ),
  spiffe: optional(notation('spiffeId', 'A SPIFFE id; short for `san: uri:spiffe://…`.')),
  fingerprint: optional(
    notation('fingerprint', 'SHA-256 of the certificate in hex, with or without colons.'),
  ),
};

const certificate = section('Client certificates; all that is given must hold.', CERTIFICATE_FACTS);

const basic = section('A user name and a password.', {
  username: notation('username', 'Without colon.'),
  password: secretNotation('password', 'In plain text, or a PHC string of scrypt or argon2id.'),
});

const consumer = section('One caller.', {
  keys: orElse(list('Its API keys.', either('A key.', key, keyThatExpires)), []),
  certificates: orElse(list('Its client certificates.', certificate), []),
  basic: orElse(list('Its passwords.', basic), []),
  scopes: orElse(list('What it may do.', notation('scope', 'A scope.')), []),
  plan: orElse(text('What it subscribed to.'), ''),
  metadata: orElse(
    map(
      { description: 'Anything about it; for rules and limits.', entry: 'name', pattern: NAME_PATTERN },
      scalar('A value.', text('Text.')),
    ),
    {},
  ),
});

/** Callers that we keep credentials for. */
export const consumers = map(
  {
    description: 'Callers known by key, certificate or password.',
    entry: 'consumer',
    pattern: NAME_PATTERN,
  },
  consumer,
);
