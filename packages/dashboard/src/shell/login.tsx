import { useState } from 'react';
import { ask, isMissing, keepBearerToken, Problem } from '../api/client.ts';
import { useQuery, useQueryClient } from '../api/query.ts';
import { rememberPlace } from '../router/return.ts';
import { Button, LinkButton } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { expectEntry } from './entry.ts';
import { Mark } from './navigation.tsx';

/** Who comes in shows a token, or signs in where the gateway is told to let people do so. */
export function Login() {
  const client = useQueryClient();
  return (
    <main className="login">
      <div className="card login-card">
        <div className="card-body stack" data-pad="">
          <div>
            <div className="brand">
              <Mark />
              Turnpike
            </div>
            <h1>Sign in</h1>
            <p className="muted">
              With a token of the admin API. It stays in a cookie that no script can read.
            </p>
          </div>
          <Ways onEntered={() => client.resetQueries()} />
        </div>
      </div>
    </main>
  );
}

/** The ways in. `isBeside`: a page is open that must not go, so the provider is asked in another tab. */
export function Ways({
  onEntered,
  isBeside = false,
}: {
  readonly onEntered: () => Promise<unknown>;
  readonly isBeside?: boolean;
}) {
  const [token, setToken] = useState('');
  const [error, setError] = useState('');
  const [isBusy, setBusy] = useState(false);
  const provider = useProvider();
  const enter = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError('');
    try {
      await signIn(token.trim());
      await onEntered();
    } catch (problem) {
      setError(messageOf(problem));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="stack" onSubmit={(event) => void enter(event)}>
      <div className="field">
        <label className="field-label" htmlFor="token">
          Token
        </label>
        <input
          id="token"
          className="input"
          type="password"
          autoComplete="current-password"
          value={token}
          onChange={(event) => setToken(event.target.value)}
          aria-invalid={error !== ''}
          aria-describedby="token-error"
          autoFocus
        />
        <div id="token-error" role="alert">
          {error && (
            <span className="field-error">
              <Icon name="bad" />
              {error}
            </span>
          )}
        </div>
      </div>
      <Button type="submit" look="primary" disabled={isBusy || token.trim() === ''}>
        {isBusy ? 'Signing in…' : 'Sign in'}
      </Button>
      {provider &&
        (isBeside ? (
          <LinkButton href="/v1/login" target="_blank" rel="noopener" onClick={expectEntry} icon="providers">
            Sign in with your provider, in a new tab
          </LinkButton>
        ) : (
          <LinkButton href="/v1/login" onClick={rememberPlace} icon="providers">
            Sign in with your provider
          </LinkButton>
        ))}
    </form>
  );
}

async function signIn(token: string): Promise<void> {
  try {
    await ask('/v1/session', { method: 'POST', body: { token } });
  } catch (error) {
    if (!isMissing(error)) throw error;
    // No sessions here: the token itself goes along, and is gone with the page.
    keepBearerToken(token);
    try {
      await ask('/services');
    } catch (refusal) {
      keepBearerToken('');
      throw refusal;
    }
  }
}

function messageOf(problem: unknown): string {
  if (!(problem instanceof Problem)) return 'That did not work.';
  if (problem.status === 401) return 'No such token, or it is not good any more.';
  if (problem.status === 429) return 'Too many attempts. Wait a minute.';
  return problem.detail || problem.message;
}

/** Whether there is a provider: then its address leads away from here, and is not followed by us. */
function useProvider(): boolean {
  const { data } = useQuery({
    queryKey: ['login'],
    queryFn: async ({ signal }) => {
      try {
        const response = await fetch('/v1/login', { redirect: 'manual', signal });
        return response.type === 'opaqueredirect';
      } catch {
        return false;
      }
    },
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data === true;
}
