import { type Parsed, refused, understood } from './parsed.ts';

/** For editors; `parseXmlName` is the judge. */
export const XML_NAME_PATTERN = '^[A-Za-z_][A-Za-z0-9_.-]*$';

/** The name of an element, without prefix. */
export function parseXmlName(text: string): Parsed<string> {
  return new RegExp(XML_NAME_PATTERN).test(text) ? understood(text) : refused('is no name of an element');
}
