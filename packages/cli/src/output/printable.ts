/** What others wrote must not move the cursor of who looks at it. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}
