/**
 * Where accounts, certificates and what proves control of names are kept: on this machine, or where several gateways find
 * them. Names are ours, of letters, digits and dashes. Everything rejects when the storage cannot be reached.
 */
export interface AcmeStorage {
  /** Whether other gateways look there as well. */
  readonly isShared: boolean;
  read(name: string): Promise<string | null>;
  /** Replaces all at once. */
  write(name: string, text: string): Promise<void>;
  /** Writes unless there is something; of several at once one wins. */
  create(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Gets something for oneself for so long; null: somebody else has it. */
  lock(name: string, leaseMs: number): Promise<Lease | null>;
}

/** What one has for oneself. */
export interface Lease {
  /** Keeps it for as long again; false: it is lost. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
}
