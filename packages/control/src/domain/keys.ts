/** An API key of a consumer, without the key: nobody can know it again. */
export interface ConsumerKey {
  /** Begins the key itself, so that its owner can tell which it is: `tp_Ab3dE6gH`. */
  readonly id: string;
  readonly consumer: string;
  readonly label: string;
  /** SHA-256 of the whole key, in hex. */
  readonly digest: string;
  /** Milliseconds since 1970, as all below. */
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  /** To the minute; `null`: never yet. */
  readonly lastUsedAt: number | null;
  /** Grows with every change of any key, so that a gateway can ask for what it has not seen. */
  readonly change: number;
}

/** A token of the admin API that is kept in the database, without the token. */
export interface AdminToken {
  readonly id: string;
  readonly name: string;
  readonly digest: string;
  /** In all workspaces; `null`: only in `workspaces`. */
  readonly role: 'viewer' | 'editor' | 'admin' | null;
  readonly workspaces: Readonly<Record<string, 'viewer' | 'editor' | 'admin'>>;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
}
