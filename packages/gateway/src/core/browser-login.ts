import type { Exchange } from './exchange.ts';
import type { Refusal } from './identity.ts';

/** Login of browsers at one provider, as its routes need it. `cookies` are values of `Set-Cookie`. */
export interface BrowserLogin {
  /** A browser comes back from the provider. */
  complete(exchange: Exchange): Promise<LoginOutcome>;
  /** A browser asks to be logged out. */
  leave(exchange: Exchange): Promise<Departure>;
  /** The provider sends a logout token: sessions are over. */
  end(logoutToken: string): Promise<LogoutOutcome>;
}

/** How a login ended. */
export type LoginOutcome =
  | { readonly kind: 'in'; readonly returnTo: string; readonly cookies: readonly string[] }
  /** The provider refuses the caller, or what the caller came back with. */
  | { readonly kind: 'denied'; readonly cookies: readonly string[] }
  /** Nobody began it in this browser, or it is over. */
  | { readonly kind: 'stray' }
  /** The provider does not answer, or says that it cannot at the moment. */
  | { readonly kind: 'unavailable'; readonly cookies: readonly string[] };

/** How a logout ended. */
export type Departure =
  | { readonly kind: 'left'; readonly location: string; readonly cookies: readonly string[] }
  /** Another site asked for it. */
  | { readonly kind: 'foreign' };

/** What came of a logout token. */
export type LogoutOutcome =
  | { readonly kind: 'ended' }
  | { readonly kind: 'invalid'; readonly detail: string }
  | Refusal;
