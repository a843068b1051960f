import type { AcmeClient } from './acme-client.ts';
import { AcmeFailure, httpsUrl } from './acme-failure.ts';
import { accountBinding } from './jws.ts';

/** Who has an account. */
export interface AccountHolder {
  readonly email: string | null;
  /** An account that the authority knows from elsewhere (RFC 8555 §7.3.4), or null. */
  readonly eab: { readonly keyId: string; readonly hmacKey: string } | null;
}

/**
 * Has the client speak for the account of its key, which is made when there is none yet (RFC 8555 §7.3). Asked anew for
 * every order: that costs one request, and an authority that has forgotten the account gets it back.
 */
export async function useAccount(client: AcmeClient, holder: AccountHolder): Promise<void> {
  const { newAccount } = await client.directory;
  const found = await post(client, newAccount, { onlyReturnExisting: true }).catch((error: unknown) => {
    if (error instanceof AcmeFailure && error.type === 'accountDoesNotExist') return null;
    throw error;
  });
  client.account = found ?? (await post(client, newAccount, newAccountOf(client, holder, newAccount)));
}

function newAccountOf(client: AcmeClient, { email, eab }: AccountHolder, url: string): object {
  return {
    termsOfServiceAgreed: true,
    ...(email !== null && { contact: [`mailto:${email}`] }),
    ...(eab !== null && {
      externalAccountBinding: accountBinding(client.key, eab, url),
    }),
  };
}

async function post(client: AcmeClient, url: string, payload: object): Promise<string> {
  const { headers } = await client.post(url, payload);
  return httpsUrl(headers.get('location'), 'account');
}
