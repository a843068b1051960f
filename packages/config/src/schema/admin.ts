import { NAME_PATTERN } from './names.ts';
import {
  choice,
  list,
  map,
  notation,
  offable,
  optional,
  orElse,
  planned,
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
