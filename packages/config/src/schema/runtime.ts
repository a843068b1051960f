import {
  choice,
  either,
  integer,
  notation,
  optional,
  orElse,
  secretNotation,
  section,
  word,
} from './typebox.ts';

/** How the process runs. */
export const runtime = section('How the process runs.', {
  threads: orElse(
    either('Data threads.', choice('One per core.', ['auto']), integer('That many.', 1, 256)),
    'auto',
  ),
  zone: optional(word('Where this gateway is: endpoints there are preferred.')),
  drainTimeout: orElse(
    notation('duration', 'How long requests may take to finish when the process stops.', {
      maximum: 86_400_000,
    }),
    '30s',
  ),
  selfProtection: orElse(
    choice(
      'Whether a thread sheds when its event loop lags for lack of processor time, or memory is nearly full.',
      ['on', 'off'],
    ),
    'on',
  ),
  stateDirectory: orElse(
    word('Where the last known good configuration is kept, relative to the main configuration file.'),
    '.turnpike',
  ),
  signingKey: optional(
    secretNotation(
      'privateKey',
      'The private key that signs for `forwardIdentity: jwt`, best from `${file:path}`. One of our own without it.',
    ),
  ),
});
