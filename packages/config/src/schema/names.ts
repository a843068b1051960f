/** What an entry may be called. Names end up in logs, metrics and addresses, so they are kept simple. */
export const NAME_PATTERN = '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$';

/** The name of a header field (RFC 9110 §5.6.2, `token`). */
export const FIELD_NAME_PATTERN = "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$";

/** The name of a field that users add to a log: it becomes a member of JSON, a label, and a word before `=`. */
export const LOG_FIELD_PATTERN = '^[A-Za-z_][A-Za-z0-9_]{0,31}$';

/** The same in words. */
export const LOG_FIELD = 'name of at most 32 letters, digits and _';
