/** A browser without a window: keeps cookies, follows redirects, fills in the login form of the test provider. */
export interface UserAgent {
  /** Goes to a page of the provider, and on as `user`; gives the address at which the provider let it go. */
  signIn(url: string, user?: string): Promise<string>;
}

const MAX_STEPS = 10;

/** A browser for the provider at `issuer`, without cookies. */
export function userAgent(issuer: string): UserAgent {
  const cookies = new Map<string, string>();

  async function visit(url: string, form: URLSearchParams | null): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = cookie === '' ? {} : { cookie };
    const about = form === null ? {} : { method: 'POST', body: form };
    const response = await fetch(url, { headers, redirect: 'manual', ...about });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  }

  async function signIn(url: string, user = 'alice'): Promise<string> {
    let [at, form]: [string, URLSearchParams | null] = [url, null];
    for (let step = 0; step < MAX_STEPS; step++) {
      const response = await visit(at, form);
      const text = await response.text();
      const location = response.headers.get('location');
      if (location === null && !text.includes('name="login"'))
        throw new Error(`The provider shows something else at ${at}: ${response.status} ${text}`);
      form = location === null ? new URLSearchParams({ login: user }) : null;
      at = location === null ? at : new URL(location, at).href;
      if (!at.startsWith(`${issuer}/`)) return at;
    }
    throw new Error(`The provider sends the browser round and round at ${at}`);
  }

  return { signIn };
}
