import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { elementJson } from './element-json.ts';
import { readXml, XmlFault } from './read-xml.ts';

const LIMITS = { depth: 5, elements: 20 };

/** What a document is in JSON. */
function json(text: string, ...lists: readonly string[]): unknown {
  return elementJson(readXml(text, LIMITS), new Set(lists));
}

const XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';

const GOOD: Readonly<Record<string, readonly [text: string, expected: unknown, ...lists: string[]]>> = {
  text: ['<a>one</a>', 'one'],
  'an empty element': ['<a/>', ''],
  'blanks that are all there is': ['<a> </a>', ' '],
  children: ['<a><b>1</b><c>2</c></a>', { b: '1', c: '2' }],
  'blanks between children': ['<a>\n  <b>1</b>\n</a>', { b: '1' }],
  'children of one name': ['<a><b>1</b><c/><b>2</b></a>', { b: ['1', '2'], c: '' }],
  'a list of one': ['<a><b>1</b></a>', { b: ['1'] }, 'b'],
  attributes: [`<a x="1" y='"'><b z="&lt;"/></a>`, { '@x': '1', '@y': '"', b: { '@z': '<' } }],
  'text beside attributes': ['<a x="1">one</a>', { '@x': '1', '#text': 'one' }],
  'text beside children': ['<a>one<b/>two</a>', { b: '', '#text': 'onetwo' }],
  'the five entities': ['<a>&lt;&gt;&amp;&quot;&apos;</a>', `<>&"'`],
  'characters by number': ['<a>&#65;&#x1F600;&#xA;</a>', 'A\u{1F600}\n'],
  CDATA: ['<a><![CDATA[<b>&amp;</b>]]>!</a>', '<b>&amp;</b>!'],
  'comments and instructions': ['<?xml version="1.0"?><!-- x --><a><!-- <b> -->1<?p x?></a><!-- y -->', '1'],
  'a byte order mark': ['\uFEFF<a>1</a>', '1'],
  'ends of lines': ['<a>1\r\n2\r3</a>', '1\n2\n3'],
  prefixes: ['<p:a xmlns:p="urn:p" xmlns="urn:q"><b p:x="1"/><p:c/></p:a>', { b: { '@x': '1' }, c: '' }],
  nil: [`<a ${XSI}><b xsi:nil="true"/><c xsi:nil="0">1</c></a>`, { b: null, c: '1' }],
  'types of XML Schema': [`<a ${XSI}><b xsi:type="xs:int">1</b></a>`, { b: '1' }],
  'nil by another name': ['<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="1"/>', null],
  'a nil that is not of XML Schema': ['<a nil="true"/>', { '@nil': 'true' }],
  'names that objects have': [
    '<a><__proto__>1</__proto__><constructor>2</constructor></a>',
    JSON.parse('{"__proto__":"1","constructor":"2"}'),
  ],
  'names in other scripts': ['<größe><名>1</名></größe>', { 名: '1' }],
};

const BAD: Readonly<Record<string, string>> = {
  nothing: '',
  'text alone': 'one',
  'no end': '<a>',
  'an end that is not its own': '<a></b>',
  'an end with another prefix': '<p:a xmlns:p="u" xmlns:q="u"></q:a>',
  'two documents': '<a/><b/>',
  'text after the document': '<a/>x',
  'a tag that does not end': '<a',
  'an attribute without a value': '<a x/>',
  'an attribute without quotes': '<a x=1/>',
  'an attribute that does not end': '<a x="1/>',
  'an attribute twice': '<a x="1" x="2"/>',
  'attributes without a space': '<a x="1"y="2"/>',
  'a tag in an attribute': '<a x="<b>"/>',
  'an ampersand': '<a>1 & 2</a>',
  'an entity that does not end': '<a>&amp</a>',
  'an unknown entity': '<a>&nbsp;</a>',
  'a character that is none': '<a>&#0;</a>',
  'half a character': '<a>&#xD800;</a>',
  'a character beyond all': '<a>&#x110000;</a>',
  'a control character': '<a>\u0001</a>',
  'a prefix that is not declared': '<p:a/>',
  'an attribute with such a prefix': '<a p:x="1"/>',
  'a prefix that ended with its element': '<a><b xmlns:p="u"/><p:c/></a>',
  'a comment that does not end': '<a><!-- </a>',
  'CDATA that does not end': '<a><![CDATA[ </a>',
  'CDATA outside of the document': '<![CDATA[x]]><a/>',
  'too deep': '<a>'.repeat(6) + '</a>'.repeat(6),
  'too many elements': `<a>${'<b/>'.repeat(20)}</a>`,
  'a document type': '<!DOCTYPE a><a/>',
  'entities that grow':
    '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;"><!ENTITY d "&c;&c;&c;">]><a>&d;</a>',
  'an entity that is a file': '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>',
  'a document type that is elsewhere': '<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>',
  'a document type inside': '<a><!DOCTYPE b></a>',
};

describe('an XML document', () => {
  for (const [name, [text, expected, ...lists]] of Object.entries(GOOD))
    it(`has ${name}`, () => assert.deepEqual(json(text, ...lists), expected));

  for (const [name, text] of Object.entries(BAD))
    it(`is refused with ${name}`, () => assert.throws(() => json(text), XmlFault));

  it('declares as many namespaces as it likes without being copied for each', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => ` xmlns:p${i}="u"`).join('');
    const inner = '<b xmlns:q="u"/>'.repeat(20_000);
    const { children } = readXml(`<a${many}>${inner}</a>`, { depth: 5, elements: 100_000 });
    assert.equal(children.length, 20_000);
  });
});
