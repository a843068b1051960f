/** An element of XML, as far as JSON has room for it. */
export interface XmlElement {
  /** Of its name; `''` if it is in none. */
  readonly namespace: string;
  /** Without prefix. */
  readonly name: string;
  /** Without prefixes, and without those that declare namespaces or are for XML Schema (`xsi:type`). */
  readonly attributes: ReadonlyMap<string, string>;
  /** It stands for no value at all (`xsi:nil`). */
  readonly isNil: boolean;
  readonly children: readonly XmlElement[];
  /** What is between its tags and in none of its children. */
  readonly text: string;
}
