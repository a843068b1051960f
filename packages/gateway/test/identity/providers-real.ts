import type { IdentityProviderConfig } from '@turnpike/config';
import {
  identityProvider,
  type ProviderOptions,
  type TestProvider,
} from '@turnpike/testkit/identity-provider';
import { providerConfig } from '../../src/identity/providers/providers-testing.ts';
import { onDesk, type DeskSite } from './providers-site.ts';

/** Runs a real provider for one test. */
export async function withProvider(
  use: (provider: TestProvider) => Promise<void>,
  options: ProviderOptions = {},
): Promise<void> {
  const provider = await identityProvider(options);
  try {
    await use(provider);
  } finally {
    await provider.close();
  }
}

/** Both: a real provider, and a desk that uses it. Resolves when its keys are known. */
export async function onKnownProvider(
  use: (site: DeskSite & { readonly provider: TestProvider }) => Promise<void>,
  config: (provider: TestProvider) => Partial<IdentityProviderConfig> = () => ({}),
  options: ProviderOptions = {},
): Promise<void> {
  await withProvider(async (provider) => {
    await onDesk(async (site) => {
      await site.desk.use([providerConfig({ issuer: provider.issuer, ...config(provider) })]);
      await site.heard(({ keys }) => keys !== null);
      await use({ ...site, provider });
    });
  }, options);
}

/** The path of the discovery document of the test provider. */
export const DISCOVERY = '/.well-known/openid-configuration';
