/** An element of XML, as far as JSON has room for it: prefixes and namespaces are gone. */
export interface XmlElement {
  /** Without prefix. */
  readonly name: string;
  /** Without prefixes, and without those that declare namespaces. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** What is between its tags and in none of its children. */
  readonly text: string;
}
