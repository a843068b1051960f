/** Where in the configuration something was written; line and column count from 1. */
export interface Origin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** An address to listen on. */
export interface SocketAddress {
  /** A name or an address without brackets; `''` is every address of both families. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/** A block of addresses; a single address has the full prefix length (32 or 128). */
export interface AddressBlock {
  readonly address: string;
  readonly prefixLength: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** A file that is read when the configuration is taken into use: its text is no part of the configuration. */
export interface PemFile {
  /** Absolute. */
  readonly path: string;
  /** SHA-256 of what was in it at that time, or `''`: another content is another configuration. */
  readonly digest: string;
}

/** A certificate and its key, which is another whenever the certificate is. */
export interface KeyPairFiles {
  readonly certificate: PemFile;
  /** Absolute path of a secret. */
  readonly keyFile: string;
}
