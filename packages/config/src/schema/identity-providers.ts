import { NAME_PATTERN } from './names.ts';
import {
  choice,
  either,
  list,
  map,
  notation,
  optional,
  orElse,
  type Schema,
  secret,
  secretNotation,
  section,
  word,
} from './typebox.ts';

const DAY_MS = 86_400_000;

/** A length of time that no timer waits for, so that it may be longer than `duration`. */
function time(description: string, minimum: number, maximum: number): Schema<string, number> {
  return notation('duration', description, { minimum, maximum });
}

/** What we are to a provider: the same wherever we call one. */
const CLIENT = {
  clientId: word('Our name there.'),
  clientSecret: optional(secret('Our secret there, best from `${env:NAME}`.')),
  clientKey: optional(
    secretNotation('privateKey', 'In place of a secret: a private key (RFC 7523), best from `${file:path}`.'),
  ),
  clientKeyId: optional(word('Under which `kid` the provider knows the key; without it, none is sent.')),
  authentication: orElse(
    choice('How the secret is sent: in `Authorization`, or in the form.', ['basic', 'post']),
    'basic',
  ),
};

const ENDPOINT = 'By discovery unless it is written here.';

const introspection = section('Asks the provider about opaque tokens (RFC 7662).', {
  ...CLIENT,
  endpoint: optional(notation('httpUrl', `The introspection endpoint. ${ENDPOINT}`)),
  cache: orElse(
    time('How long an answer is good, but never longer than the token. `0s`: asks every time.', 0, DAY_MS),
    '60s',
  ),
});

const client = section('As whom `upstreamCredentials` asks for tokens.', {
  ...CLIENT,
  endpoint: optional(notation('httpUrl', `The token endpoint. ${ENDPOINT}`)),
});

const sessionSecret = secret('At least 32 characters, best from `${env:NAME}`.', 32);

const session = section('The session of a browser, in an encrypted cookie.', {
  cookie: orElse(notation('cookieName', 'Its name.'), '__Host-session'),
  secret: either(
    'Its key, or several: the first encrypts, all decrypt.',
    sessionSecret,
    list('Several keys.', sessionSecret),
  ),
  lifetime: orElse(time('When it ends in any case.', 1000, 400 * DAY_MS), '8h'),
  idle: orElse(time('When it ends if it is not used.', 1000, 400 * DAY_MS), '1h'),
});

const login = section('Login of browsers: authorization code with PKCE.', {
  ...CLIENT,
  scopes: orElse(list('What to ask for.', notation('scope', 'A scope.')), ['openid']),
  callbackPath: orElse(
    notation('localPath', 'Where the provider sends browsers back. Belongs to the login on every host.'),
    '/_auth/callback',
  ),
  logoutPath: orElse(notation('localPath', 'Where a session ends.'), '/_auth/logout'),
  backchannelLogoutPath: optional(
    notation('localPath', 'Where the provider tells that sessions ended (Back-Channel Logout 1.0).'),
  ),
  afterLogout: orElse(notation('localPath', 'Where browsers go after a logout, on our side.'), '/'),
  publicOrigin: optional(
    notation(
      'webOrigin',
      'Under which browsers see us: `https://app.example.com`. As the request says by default.',
    ),
  ),
  session,
});

const provider = section('An OpenID Connect issuer, or a set of keys.', {
  issuer: notation('issuer', 'What `iss` of its tokens is, exactly; also where discovery begins.'),
  jwks: optional(
    notation('keySource', 'Its keys, at an address or in a file (watched). By discovery if it is left out.'),
  ),
  audiences: orElse(list('A token must be for one of them. Empty: for anybody.', word('An audience.')), []),
  algorithms: orElse(
    list(
      'Signatures that its tokens may have.',
      choice('A signature (RFC 7518 §3.1, RFC 8037).', [
        'RS256',
        'RS384',
        'RS512',
        'PS256',
        'PS384',
        'PS512',
        'ES256',
        'ES384',
        'ES512',
        'EdDSA',
      ]),
    ),
    ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
  ),
  tokenType: orElse(choice('`at+jwt`: only access tokens of RFC 9068.', ['any', 'at+jwt']), 'any'),
  clockTolerance: orElse(time('How far clocks may differ.', 0, 600_000), '30s'),
  dpop: orElse(
    choice('Whether every token must be bound to a key that the caller proves to have (RFC 9449).', [
      'optional',
      'required',
    ]),
    'optional',
  ),
  dpopNonce: optional(
    section('Proofs must have a nonce that we gave out a moment ago (RFC 9449 §9).', {
      secret: secret(
        'What nonces are made from, the same for all gateways. At least 32 characters, best from `${env:NAME}`.',
        32,
      ),
      lifetime: orElse(time('How long one is good.', 1000, DAY_MS), '5m'),
    }),
  ),
  dpopWhenStoreFails: orElse(
    choice(
      'Where `stores.redis` is, gateways remember there which proofs were used. While it does not answer: 503, or each remembers its own.',
      ['deny', 'local'],
    ),
    'deny',
  ),
  keyLifetime: orElse(time('How long keys are good; they are refreshed before.', 1000, 24 * DAY_MS), '10m'),
  staleKeys: orElse(
    time('How long they are used after that, while the provider cannot be reached.', 0, 24 * DAY_MS),
    '24h',
  ),
  introspection: optional(introspection),
  client: optional(client),
  login: optional(login),
});

/** Who vouches for callers. */
export const identityProviders = map(
  {
    description: 'Who vouches for callers: OpenID Connect issuers and key sets.',
    entry: 'identity provider',
    pattern: NAME_PATTERN,
  },
  provider,
);
