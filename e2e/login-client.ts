// A browser without a window that is told what to send: for what a real one would never do.
import { request } from 'node:http';
import type { TestProvider } from '@turnpike/testkit/identity-provider';

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly location: string;
  readonly setCookies: readonly string[];
  readonly body: string;
}

const AS_PAGE = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'none' };

/** Keeps the cookies of one gateway, each request over a connection of its own. */
export class LoginClient {
  readonly cookies = new Map<string, string>();
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  get cookie(): string {
    return Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Asks for a page, with the path exactly as it is written, and keeps what cookies come. */
  async page(path: string): Promise<Answer> {
    const answer = await this.ask(path, AS_PAGE);
    for (const line of answer.setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (line.includes('Max-Age=0')) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  /** Asks as a script does; keeps nothing. */
  call(path: string): Promise<Answer> {
    return this.ask(path, { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' });
  }

  ask(path: string, fields: Readonly<Record<string, string>>): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const headers = {
      host: `localhost:${this.#port}`,
      ...(this.cookie !== '' && { cookie: this.cookie }),
      ...fields,
    };
    const asked = request(
      { host: '127.0.0.1', port: this.#port, path, headers, agent: false },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.on('end', () => {
          const { location = '', 'set-cookie': setCookies = [] } = response.headers;
          resolve({ status: response.statusCode ?? 0, location, setCookies, body });
        });
        response.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end();
    return promise;
  }

  /** Logs in as `user` on the way to a page; gives the last answer, which leads there. */
  async logIn(provider: TestProvider, path: string, user = 'alice'): Promise<Answer> {
    const { location, status, body } = await this.page(path);
    if (status !== 302) throw new Error(`${path} does not lead to a login: ${status} ${body}`);
    const back = new URL(await provider.browser().signIn(location, user));
    return this.page(back.pathname + back.search);
  }
}
