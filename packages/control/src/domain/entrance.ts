import type { Caller } from './callers.ts';

/** What an entrance of a browser comes to. */
export type Entrance =
  | {
      readonly kind: 'entered';
      readonly cookies: readonly string[];
      readonly caller: Caller;
      readonly csrf: string;
    }
  | { readonly kind: 'refused' }
  | { readonly kind: 'blocked'; readonly retryAfterSeconds: number };

/** A step of the login at an identity provider. */
export type LoginStep =
  | { readonly kind: 'redirect'; readonly location: string; readonly cookies: readonly string[] }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'blocked'; readonly retryAfterSeconds: number }
  /** No provider is configured. */
  | { readonly kind: 'off' };
