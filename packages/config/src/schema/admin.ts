import { CERTIFICATE_FACTS } from './consumers.ts';
import { NAME_PATTERN } from './names.ts';
import {
  choice,
  duration,
  flag,
  list,
  map,
  notation,
  offable,
  optional,
  orElse,
  secret,
  section,
  word,
} from './typebox.ts';

const role = choice('What somebody may do: each includes those before.', ['viewer', 'editor', 'admin']);

const workspaces = map(
  {
    description: 'In workspaces, beside what may be done everywhere.',
    entry: 'workspace',
    pattern: NAME_PATTERN,
  },
  role,
);

const token = section('A caller of the admin API.', {
  token: secret('The secret, best from `${env:NAME}` or `${file:path}`.'),
  name: optional(word('Who that is, for the audit log.')),
  role: optional(role),
  workspaces: orElse(workspaces, {}),
});

const certificate = section('A caller with a client certificate; all that is given must hold.', {
  ...CERTIFICATE_FACTS,
  name: optional(word('Who that is, for the audit log.')),
  role: optional(role),
  workspaces: orElse(workspaces, {}),
});

const tls = section('HTTPS, and client certificates.', {
  certificate: word('A PEM file: the certificate, and after it those that lead to its authority.'),
  key: word('A PEM file: the private key, not encrypted.'),
  minVersion: orElse(choice('The oldest version that is spoken.', ['TLSv1.2', 'TLSv1.3']), 'TLSv1.3'),
  clientCertificates: optional(
    section('Callers may prove themselves with a certificate.', {
      authorities: word('A PEM file: who may vouch for callers.'),
      revocations: optional(word('A file of revocation lists (CRL).')),
      required: orElse(flag('Refuses callers without certificate.'), false),
    }),
  ),
});

const groups = (what: string) => orElse(list(what, word('A value of the claim; `*` is everybody.')), []);

const roles = section('Who gets which role: by the values of a claim.', {
  viewer: groups('May look.'),
  editor: groups('May change objects too.'),
  admin: groups('May do everything.'),
});

const login = section('People, by an identity provider.', {
  provider: word('Its name in `identityProviders`; the client of its `login` is used.'),
  publicOrigin: optional(
    notation('webOrigin', 'Under which browsers see the admin API. As the request says by default.'),
  ),
  claim: orElse(word('The claim of the ID token with the groups of a person; dots lead inside.'), 'groups'),
  nameClaim: orElse(word('The claim with the name for the audit log.'), 'sub'),
  roles: orElse(roles, {}),
  workspaces: orElse(
    map({ description: 'Roles in workspaces.', entry: 'workspace', pattern: NAME_PATTERN }, roles),
    {},
  ),
  lifetime: orElse(duration('How long a login is good.'), '8h'),
});

/** The admin API. */
export const admin = offable(
  section('The admin API: health, metrics, and what the gateway does. `off` disables it.', {
    address: orElse(notation('address', 'Where it listens.'), '127.0.0.1:9901'),
    tls: optional(tls),
    tokens: orElse(list('Who may call it. Without credentials it must listen on loopback.', token), []),
    certificates: orElse(list('Who may call it with a client certificate.', certificate), []),
    login: optional(login),
  }),
);
