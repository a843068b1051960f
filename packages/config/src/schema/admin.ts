import { choice, list, notation, offable, orElse, planned, secret, section } from './typebox.ts';

const token = section('A caller of the admin API.', {
  token: secret('The secret, best from `${env:NAME}` or `${file:path}`.'),
  role: choice('What it may do.', ['viewer', 'editor', 'admin']),
});

/** The admin API. */
export const admin = offable(
  section('The admin API: health, metrics, and what the gateway does. `off` disables it.', {
    address: orElse(notation('address', 'Where it listens.'), '127.0.0.1:9901'),
    tokens: orElse(list('Who may call it. Without tokens it must listen on loopback.', token), []),
    ...planned({
      login: ['People, by an identity provider.', { provider: 'Which.', roles: 'Who may do what.' }],
    }),
  }),
);
