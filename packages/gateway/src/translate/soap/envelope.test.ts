import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SoapConfig } from '@turnpike/config';
import type { Json } from '../../core/identity.ts';
import { answerJson } from './element-json.ts';
import { envelopeText, openEnvelope } from './envelope.ts';
import { XmlFault } from './read-xml.ts';
import { UnwritableValue } from './write-xml.ts';
import { xmlText } from './xml-text.ts';

const CONFIG: SoapConfig = {
  kind: 'soap',
  version: 'soap1.1',
  namespace: 'urn:x?a&b',
  operation: 'Op',
  action: '',
  members: [],
  lists: [],
  messageBytes: 1000,
  parameters: [],
};
const OLD = 'http://schemas.xmlsoap.org/soap/envelope/';
const NEW = 'http://www.w3.org/2003/05/soap-envelope';

function written(members: Readonly<Record<string, Json>>, config: Partial<SoapConfig> = {}): string {
  return envelopeText({ ...CONFIG, ...config }, new Map(Object.entries(members)));
}

function opened(body: string, namespace = OLD): ReturnType<typeof openEnvelope> {
  return openEnvelope(`<e:Envelope xmlns:e="${namespace}"><e:Header/><e:Body>${body}</e:Body></e:Envelope>`);
}

describe('an envelope', () => {
  it('has the operation in its body', () => {
    assert.equal(
      written({ a: 'x', b: [1, true], c: { '@id': 7, d: null, '#text': '<' } }),
      '<?xml version="1.0" encoding="utf-8"?>' +
        `<soap:Envelope xmlns:soap="${OLD}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Body>` +
        '<Op xmlns="urn:x?a&#38;b"><a>x</a><b>1</b><b>true</b><c id="7"><d xsi:nil="true"/>&#60;</c></Op>' +
        '</soap:Body></soap:Envelope>',
    );
    assert.ok(written({}, { version: 'soap1.2' }).includes(`xmlns:soap="${NEW}"`));
  });

  it('cannot have what XML has no form for', () => {
    for (const members of [
      { 'a b': 1 },
      { '': 1 },
      { 'x:y': 1 },
      { a: { '@x y': 1 } },
      { a: { '@x': {} } },
      { a: [[1], [2]] },
      { a: { '@xmlns': 'urn:other' } },
      { ['a'.repeat(100)]: Array.from({ length: 100 }, () => 1) },
      { a: { '#text': [] } },
      { a: '\u0001' },
      { a: '\ud800' },
      { a: Array.from({ length: 70 }).reduce<Json>((inner) => ({ b: inner }), 1) },
    ])
      assert.throws(() => written(members), UnwritableValue, JSON.stringify(members).slice(0, 50));
  });

  it('has the answer of an operation, or nothing', () => {
    const answer = (body: string): Json => {
      const content = opened(body);
      return content.kind === 'answer' ? answerJson(content.element, new Set()) : assert.fail();
    };
    assert.deepEqual(answer('<R xmlns="urn:x"><a>1</a></R>'), { a: '1' });
    assert.deepEqual(answer('<R/>'), {});
    assert.deepEqual(answer(''), {});
    assert.equal(answer('<R>one</R>'), 'one');
  });

  it('has a fault of either version', () => {
    const faultOf = (body: string, namespace?: string): unknown => {
      const content = opened(body, namespace);
      if (content.kind !== 'fault') return assert.fail();
      const { code, subcode, reason, detail } = content.fault;
      return [code, subcode, reason, detail?.name ?? null];
    };
    assert.deepEqual(
      faultOf('<e:Fault><faultcode>e:Client.A.b</faultcode><faultstring> no </faultstring></e:Fault>'),
      ['Client', 'A.b', 'no', null],
    );
    const code =
      '<e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>m:Old</e:Value></e:Subcode></e:Code>';
    const reason = '<e:Reason><e:Text xml:lang="en">no</e:Text></e:Reason><e:Detail><x/></e:Detail>';
    assert.deepEqual(faultOf(`<e:Fault>${code}${reason}</e:Fault>`, NEW), ['Sender', 'Old', 'no', 'Detail']);
    assert.deepEqual(faultOf('<e:Fault/>'), ['', '', '', null]);
  });

  it('is none without a body or its namespace', () => {
    for (const text of [
      '<Envelope><Body/></Envelope>',
      '<e:Envelope xmlns:e="urn:other"><e:Body/></e:Envelope>',
      `<e:Envelope xmlns:e="${OLD}"/>`,
      '<html/>',
    ])
      assert.throws(() => openEnvelope(text), XmlFault, text);
  });

  it('is written as it says', () => {
    const latin = '<?xml version="1.0" encoding="ISO-8859-1"?><a>\u00e9</a>';
    const utf8 = Buffer.from('<a>é</a>').toString('latin1');
    const utf16 = Buffer.from('\ufeff<a>é</a>', 'utf16le').toString('latin1');
    for (const [bytes, type] of [
      [latin, 'text/xml'],
      ['<a>\u00e9</a>', 'text/xml; charset=iso-8859-1'],
      [utf8, 'text/xml'],
      [latin.replace('\u00e9', '\u00c3\u00a9'), 'application/soap+xml; charset="utf-8"'],
      [`\u00ef\u00bb\u00bf${utf8}`, 'text/xml; charset=iso-8859-1'],
      [utf16, 'text/xml'],
    ] as const)
      assert.match(xmlText(bytes, type), /<a>é<\/a>$/, `${bytes} ${type}`);
    assert.throws(() => xmlText('<a>\u00e9</a>', 'text/xml'), TypeError);
    assert.throws(() => xmlText('<a/>', 'text/xml; charset=x-nothing'), RangeError);
  });
});
