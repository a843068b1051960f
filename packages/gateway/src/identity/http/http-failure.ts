/** Why a call has no answer that can be used. */
export type HttpFault =
  /** Nobody answered in time. */
  | 'timeout'
  /** No connection, or it broke off. */
  | 'network'
  /** The answer is larger than what was allowed. */
  | 'too-large'
  /** The address is none, or none that may be called. */
  | 'address'
  /** Another status than was asked for. */
  | 'status';

/** A call of the supervisor to somebody else came to nothing. The message names no more of the address than its path. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly fault: HttpFault;

  constructor(fault: HttpFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
