/** Our name in `Via`, for whatever went through us (RFC 9110 §7.6.3). */
export const VIA = '1.1 turnpike';
