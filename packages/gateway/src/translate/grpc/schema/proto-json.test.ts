// Every rule of ProtoJSON (protobuf.dev/programming-guides/json), among them the cases of protobuf's conformance tests.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type JsonOptions, MessageFault } from '../../../core/grpc-schema.ts';
import { fixtureCodec } from './schema-testing.ts';

const ALL = 'turnpike.test.All';

/** What becomes of a text on its way to bytes and back. */
function around(text: string, typeName = ALL, json: Partial<JsonOptions> = {}): string {
  const codec = fixtureCodec(typeName, json);
  return codec.toJson(codec.fromJson(text));
}

function faultOf(work: () => unknown): { pointer: string; message: string } {
  try {
    work();
  } catch (error) {
    if (error instanceof MessageFault) return { pointer: error.pointer, message: error.message };
    throw error;
  }
  return assert.fail('there was no fault');
}

/** Texts that come back as they are, or as the second says. */
const TAKEN: Readonly<Record<string, readonly (string | readonly [string, string])[]>> = {
  'numbers of 32 bits': [
    '{"fInt32":-2147483648}',
    '{"fInt32":2147483647}',
    '{"fUint32":4294967295}',
    '{"fSint32":-2147483648,"fFixed32":4294967295,"fSfixed32":-2147483648}',
    ['{"fInt32":"12"}', '{"fInt32":12}'],
    ['{"fInt32":1e5}', '{"fInt32":100000}'],
    ['{"fInt32":"1e2"}', '{"fInt32":100}'],
    ['{"fInt32":100000.000}', '{"fInt32":100000}'],
    ['{"fInt32":-2.147483648e9}', '{"fInt32":-2147483648}'],
    ['{"fInt32":0.0}', '{}'],
    ['{"fInt32":-0}', '{}'],
  ],
  'numbers of 64 bits, exactly': [
    '{"fInt64":"-9223372036854775808","fUint64":"18446744073709551615"}',
    '{"fSint64":"-9223372036854775808","fFixed64":"18446744073709551615","fSfixed64":"9223372036854775807"}',
    ['{"fInt64":9007199254740993}', '{"fInt64":"9007199254740993"}'],
    ['{"fInt64":-9007199254740993}', '{"fInt64":"-9007199254740993"}'],
    ['{"fUint64":1.8446744073709551615e19}', '{"fUint64":"18446744073709551615"}'],
    ['{"fInt64":4294967296,"fSint64":-4294967297}', '{"fInt64":"4294967296","fSint64":"-4294967297"}'],
  ],
  floats: [
    '{"fDouble":1.7976931348623157e+308}',
    '{"fDouble":5e-324}',
    '{"fDouble":"NaN","fFloat":"-Infinity"}',
    '{"fFloat":0.1}',
    '{"fFloat":3.4028235e+38}',
    '{"fDouble":-0}',
    ['{"fDouble":"1.5"}', '{"fDouble":1.5}'],
    ['{"fDouble":"-1e2"}', '{"fDouble":-100}'],
    ['{"fFloat":1e-60}', '{}'],
  ],
  texts: [
    '{"fString":"héllo 🌍"}',
    '{"fString":"\\n\\t\\"\\\\\\u0001"}',
    ['{"fString":"\\u00e9\\ud83c\\udf0d\\/"}', '{"fString":"é🌍/"}'],
    `{"fString":"${'long '.repeat(100)}"}`,
    `{"fString":"${'ü'.repeat(100)}"}`,
  ],
  bytes: [
    '{"fBytes":"AQID"}',
    ['{"fBytes":"-_8"}', '{"fBytes":"+/8="}'],
    ['{"fBytes":"-_8="}', '{"fBytes":"+/8="}'],
    ['{"fBytes":"AQI\\u003d"}', '{"fBytes":"AQI="}'],
    ['{"fBytes":""}', '{}'],
  ],
  enums: [
    '{"fColour":"RED"}',
    '{"fColour":77}',
    '{"fColour":"BELOW"}',
    ['{"fColour":"CRIMSON"}', '{"fColour":"RED"}'],
    ['{"fColour":-1}', '{"fColour":"BELOW"}'],
    ['{"fColour":0}', '{}'],
    ['{"rColour":["RED",2,9]}', '{"rColour":["RED","BLUE",9]}'],
  ],
  names: [
    ['{"f_int32":1}', '{"fInt32":1}'],
    ['{"renamed":"a"}', '{"other-name":"a"}'],
    ['{"\\u0066Int32":1}', '{"fInt32":1}'],
    '{"fieldname1":1}',
  ],
  null: [
    ['{"fInt32":null,"fString":null,"fAll":null,"rInt32":null,"mStringString":null,"wTimestamp":null}', '{}'],
    '{"wValue":null}',
    '{"rwValue":[null,1]}',
    '{"mStringValue":{"a":null}}',
    '{"cNull":null}',
    ['{"wNull":null}', '{}'],
    ['{"cInt64":null,"cString":"a"}', '{"cString":"a"}'],
    ['{"wNull":"NULL_VALUE"}', '{}'],
  ],
  presence: [
    '{"oInt32":0,"oString":"","oColour":"COLOUR_UNSPECIFIED","oBool":false,"oBytes":"","oDouble":0}',
    '{"cString":""}',
    '{"fAll":{}}',
    ['{"fInt32":0,"fBool":false,"fString":"","rInt32":[],"mStringString":{}}', '{}'],
  ],
  maps: [
    '{"mInt32Int64":{"-5":"7"},"mBoolColour":{"true":"RED","false":"COLOUR_UNSPECIFIED"}}',
    '{"mUint64Bool":{"18446744073709551615":false}}',
    '{"mStringString":{"":"","a/~b":"c"}}',
  ],
  times: [
    '{"wTimestamp":"0001-01-01T00:00:00Z"}',
    '{"wTimestamp":"9999-12-31T23:59:59.999999999Z"}',
    '{"wTimestamp":"1970-01-01T00:00:00Z"}',
    '{"wTimestamp":"1969-12-31T23:59:59.500Z"}',
    '{"wTimestamp":"2024-02-29T12:00:00.000001Z"}',
    ['{"wTimestamp":"2026-01-01T01:30:00+01:30"}', '{"wTimestamp":"2026-01-01T00:00:00Z"}'],
    ['{"wTimestamp":"2026-01-01T00:00:00.1-08:00"}', '{"wTimestamp":"2026-01-01T08:00:00.100Z"}'],
  ],
  durations: [
    '{"wDuration":"0s"}',
    '{"wDuration":"-1s"}',
    '{"wDuration":"-0.500s"}',
    '{"wDuration":"315576000000s"}',
    '{"wDuration":"1.000000001s"}',
    ['{"wDuration":"1.5s"}', '{"wDuration":"1.500s"}'],
  ],
  'field masks': ['{"wMask":"fooBar,a.bCD"}', '{"wMask":""}'],
  'any JSON': [
    '{"wStruct":{"a":[1,"b",null,true,{"c":{}}],"":-1.5}}',
    '{"wList":[[],{},0]}',
    '{"wValue":{"a":1}}',
    '{"wStruct":{}}',
  ],
  wrappers: [
    '{"wInt64":"0","wBool":false,"wString":"","wBytes":"","wDouble":"NaN","wUint32":0,"wFloat":0,"wInt32":-1,"wUint64":"1"}'.replace(
      /.*/,
      '{"wDouble":"NaN","wFloat":0,"wInt64":"0","wUint64":"1","wInt32":-1,"wUint32":0,"wBool":false,"wString":"","wBytes":""}',
    ),
  ],
  any: [
    '{"wAny":{"@type":"type.googleapis.com/turnpike.test.Book","name":"a","pages":"1"}}',
    '{"wAny":{"@type":"x/google.protobuf.Timestamp","value":"1970-01-01T00:00:00Z"}}',
    '{"wAny":{"@type":"x/google.protobuf.Any","value":{"@type":"x/google.protobuf.Int32Value","value":5}}}',
    '{"wAny":{"@type":"x/google.protobuf.Empty"}}',
    '{"wAny":{"@type":"x/google.rpc.RetryInfo","retryDelay":"5s"}}',
    [
      '{"wAny":{"name":"a","@type":"x/turnpike.test.Book"}}',
      '{"wAny":{"@type":"x/turnpike.test.Book","name":"a"}}',
    ],
    [
      '{"wAny":{"@type":"x/google.protobuf.Empty","value":{}}}',
      '{"wAny":{"@type":"x/google.protobuf.Empty"}}',
    ],
    '{"wAny":{}}',
  ],
  'white space': [[' \n{\t"fInt32" : 1 ,\r"rInt32":[ 1 , 2 ] } ', '{"fInt32":1,"rInt32":[1,2]}']],
};

/** Texts that are refused: the field, and where the fault is. */
const REFUSED: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'what is no JSON': [
    ['', ''],
    ['{', ''],
    ['{}x', ''],
    ['{"fInt32":1,}', ''],
    ['{,}', ''],
    ['{"fInt32" 1}', ''],
    ["{'fInt32':1}", ''],
    ['{"rInt32":[1,]}', '/rInt32/1'],
    ['{"rInt32":[1 2]}', '/rInt32/0'],
    ['{"fString":"a', '/fString'],
    ['{"fString":"\n"}', '/fString'],
    ['{"fString":"\\x"}', '/fString'],
    ['{"fString":"\\ud800"}', '/fString'],
    ['{"fBool":tru}', '/fBool'],
    ['null', ''],
    ['[]', ''],
  ],
  'numbers that are none, or do not fit': [
    ['{"fInt32":2147483648}', '/fInt32'],
    ['{"fInt32":-2147483649}', '/fInt32'],
    ['{"fUint32":-1}', '/fUint32'],
    ['{"fUint32":4294967296}', '/fUint32'],
    ['{"fInt64":9223372036854775808}', '/fInt64'],
    ['{"fUint64":"18446744073709551616"}', '/fUint64'],
    ['{"fInt32":0.5}', '/fInt32'],
    ['{"fInt32":1e-1}', '/fInt32'],
    ['{"fInt32":1e999999999}', '/fInt32'],
    ['{"fInt32":""}', '/fInt32'],
    ['{"fInt32":" 1"}', '/fInt32'],
    ['{"fInt32":"1 "}', '/fInt32'],
    ['{"fInt32":"0x1"}', '/fInt32'],
    ['{"fInt32":"12abc"}', '/fInt32'],
    ['{"fInt32":+1}', '/fInt32'],
    ['{"fInt32":01}', '/fInt32'],
    ['{"fInt32":true}', '/fInt32'],
    ['{"fInt32":{}}', '/fInt32'],
    ['{"fDouble":1e309}', '/fDouble'],
    ['{"fFloat":3.4028236e38}', '/fFloat'],
    ['{"fDouble":NaN}', '/fDouble'],
    ['{"fDouble":"nan"}', '/fDouble'],
    ['{"fDouble":"+Infinity"}', '/fDouble'],
    ['{"fDouble":""}', '/fDouble'],
    ['{"fDouble":.5}', '/fDouble'],
    ['{"fDouble":5.}', '/fDouble'],
  ],
  'values of other kinds': [
    ['{"fBool":"true"}', '/fBool'],
    ['{"fBool":1}', '/fBool'],
    ['{"fString":1}', '/fString'],
    ['{"fBytes":"A"}', '/fBytes'],
    ['{"fBytes":"AQ="}', '/fBytes'],
    ['{"fBytes":"A Q="}', '/fBytes'],
    ['{"fBytes":"====" }', '/fBytes'],
    ['{"fColour":"GREEN"}', '/fColour'],
    ['{"fColour":1.5}', '/fColour'],
    ['{"fColour":"1"}', '/fColour'],
    ['{"fColour":2147483648}', '/fColour'],
    ['{"rInt32":1}', '/rInt32'],
    ['{"rInt32":[null]}', '/rInt32/0'],
    ['{"rAll":[{},null]}', '/rAll/1'],
    ['{"fAll":[]}', '/fAll'],
    ['{"mStringString":[]}', '/mStringString'],
    ['{"mStringString":{"a":null}}', '/mStringString/a'],
    ['{"mInt32Int64":{"a":1}}', '/mInt32Int64/a'],
    ['{"mBoolColour":{"True":1}}', '/mBoolColour/True'],
    ['{"wEmpty":1}', '/wEmpty'],
    ['{"wStruct":[]}', '/wStruct'],
    ['{"wList":{}}', '/wList'],
  ],
  'what is there more than once': [
    ['{"fInt32":1,"fInt32":1}', '/fInt32'],
    ['{"fInt32":1,"f_int32":1}', '/f_int32'],
    ['{"cString":"a","cInt64":1}', '/cInt64'],
    ['{"cNull":null,"cString":"a"}', '/cString'],
    ['{"mStringString":{"a":"","a":""}}', '/mStringString/a'],
    ['{"wStruct":{"a":1,"a":1}}', '/wStruct/a'],
  ],
  'what is not known': [
    ['{"nope":1}', '/nope'],
    ['{"fAll":{"a/b~c":1}}', '/fAll/a~1b~0c'],
    ['{"[turnpike.test.extra]":"a"}', '/[turnpike.test.extra]'],
    ['{"FINT32":1}', '/FINT32'],
  ],
  'moments that are none': [
    ['{"wTimestamp":"2026-01-01T00:00:00"}', '/wTimestamp'],
    ['{"wTimestamp":"2026-01-01t00:00:00Z"}', '/wTimestamp'],
    ['{"wTimestamp":"2026-01-01T00:00:00z"}', '/wTimestamp'],
    ['{"wTimestamp":"2026-02-29T00:00:00Z"}', '/wTimestamp'],
    ['{"wTimestamp":"2026-01-01T24:00:00Z"}', '/wTimestamp'],
    ['{"wTimestamp":"0000-01-01T00:00:00Z"}', '/wTimestamp'],
    ['{"wTimestamp":"10000-01-01T00:00:00Z"}', '/wTimestamp'],
    ['{"wTimestamp":"0001-01-01T00:00:00+00:01"}', '/wTimestamp'],
    ['{"wTimestamp":"2026-01-01T00:00:00.1234567890Z"}', '/wTimestamp'],
    ['{"wTimestamp":1}', '/wTimestamp'],
    ['{"wDuration":"1"}', '/wDuration'],
    ['{"wDuration":"315576000001s"}', '/wDuration'],
    ['{"wDuration":"-315576000000.1s"}', '/wDuration'],
    ['{"wDuration":"1.s"}', '/wDuration'],
    ['{"wMask":"foo_bar"}', '/wMask'],
    ['{"wMask":"a,,b"}', '/wMask'],
  ],
  'an Any that says too little': [
    ['{"wAny":{"name":"a"}}', '/wAny'],
    ['{"wAny":{"@type":"turnpike.test.Book"}}', '/wAny/@type'],
    ['{"wAny":{"@type":"x/no.Such"}}', '/wAny/@type'],
    ['{"wAny":{"@type":"x/google.protobuf.Duration"}}', '/wAny'],
    ['{"wAny":{"@type":"x/google.protobuf.Duration","value":"1s","more":1}}', '/wAny/more'],
    ['{"wAny":{"@type":"x/turnpike.test.Book","@type":"x/turnpike.test.Book"}}', '/wAny/@type'],
    ['{"wAny":{"@type":"x/turnpike.test.Book","pages":"a"}}', '/wAny/pages'],
  ],
};

describe('JSON that is taken', () => {
  for (const [rule, cases] of Object.entries(TAKEN)) {
    it(`has ${rule}`, () => {
      for (const one of cases) {
        const [given, expected] = typeof one === 'string' ? [one, one] : one;
        assert.equal(around(given), expected, given);
      }
    });
  }
});

describe('JSON that is refused', () => {
  for (const [rule, cases] of Object.entries(REFUSED)) {
    it(`has ${rule}`, () => {
      for (const [text, pointer] of cases) {
        const fault = faultOf(() => fixtureCodec(ALL).fromJson(text));
        assert.equal(fault.pointer, pointer, `${text}: ${fault.message}`);
        assert.ok(fault.message.length > 10);
      }
    });
  }

  it('is told so that one can mend it', () => {
    const messageOf = (text: string): string => faultOf(() => fixtureCodec(ALL).fromJson(text)).message;
    assert.equal(
      messageOf('{"fInt32":"x"}'),
      'must be a whole number from -2147483648 to 2147483647 (int32)',
    );
    assert.equal(messageOf('{"fString":5}'), 'must be a string, but is a number');
    assert.equal(messageOf('{"nope":5}'), 'is not a field of turnpike.test.All');
    assert.match(messageOf('{"fColour":"GREEN"}'), /is no value of turnpike.test.Colour, which has .*BLUE/);
    assert.match(messageOf('{"cString":"a","cInt64":1}'), /another of choice/);
  });
});

describe('options', () => {
  it('ignore what is not known, however deep, as long as it is JSON', () => {
    const json = { unknownFields: 'ignore' } as const;
    assert.equal(around('{"nope":{"a":[1,{"b":"\\u0041"}]},"fInt32":1}', ALL, json), '{"fInt32":1}');
    assert.equal(
      around('{"[a.b]":1,"wAny":{"@type":"x/turnpike.test.Book","x":1}}', ALL, json).includes('Book'),
      true,
    );
    for (const text of ['{"nope":01}', '{"nope":[}', '{"nope":"\\q"}'])
      faultOf(() => fixtureCodec(ALL, json).fromJson(text));
  });

  it('show defaults of what has no presence', () => {
    const shown = JSON.parse(
      fixtureCodec('turnpike.test.Book', { emitDefaults: true }).toJson(new Uint8Array(0)),
    );
    assert.deepEqual(shown, { name: '', pages: '0' });
    const all = JSON.parse(fixtureCodec(ALL, { emitDefaults: true }).toJson(new Uint8Array(0))) as object;
    assert.equal('rInt32' in all && 'mStringString' in all && 'fColour' in all, true);
    assert.equal('oInt32' in all || 'cString' in all || 'fAll' in all || 'wInt64' in all, false);
  });

  it('bound the depth, both ways', () => {
    const nested = (levels: number): string => `${'{"fAll":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;
    const value = (levels: number): string => `{"wValue":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    assert.equal(around(nested(32)), nested(32));
    assert.equal(around(value(31)), value(31));
    for (const text of [nested(33), value(32)]) {
      assert.match(faultOf(() => fixtureCodec(ALL).fromJson(text)).message, /more than 32 levels/);
      const bytes = fixtureCodec(ALL, { maxDepth: 40 }).fromJson(text);
      assert.match(faultOf(() => fixtureCodec(ALL).toJson(bytes)).message, /more than 32 levels/);
    }
    assert.equal(around(nested(100), ALL, { maxDepth: 1000 }), nested(100));
    faultOf(() => fixtureCodec(ALL, { maxDepth: 1000 }).fromJson(nested(101)));
    const unknown = `{"nope":${'['.repeat(50_000)}`;
    assert.match(
      faultOf(() => fixtureCodec(ALL, { unknownFields: 'ignore' }).fromJson(unknown)).message,
      /levels/,
    );
  });
});

describe('the wire', () => {
  const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');
  const shown = (bytes: string, typeName = ALL): string => fixtureCodec(typeName).toJson(hex(bytes));

  it('has the last value of what comes more than once', () => {
    assert.equal(shown('1801 1802'), '{"fInt32":2}');
    assert.equal(shown('720161 720162'), '{"fString":"b"}');
  });

  it('merges messages that come in pieces', () => {
    // fAll { fInt32: 1, rInt32: 1 }, fAll { fString: "a", rInt32: 2 }
    assert.equal(
      shown('8a0106 1801 8a020101 8a0107 720161 8a020102'),
      '{"fAll":{"fInt32":1,"fString":"a","rInt32":[1,2]}}',
    );
  });

  it('has lists in one piece, in many, and both', () => {
    assert.equal(shown('8a020201 02 880203 8a0201 04'), '{"rInt32":[1,2,3,4]}');
    assert.equal(shown('d2020201 02 d00203'), '{"rUnpacked":[1,2,3]}');
  });

  it('has only the last of a oneof', () => {
    assert.equal(shown('f00305 ea030161'), '{"cString":"a"}');
    assert.equal(shown('ea030161 f00305'), '{"cInt64":"5"}');
  });

  it('has fields that are not known, which are skipped, groups too', () => {
    assert.equal(shown('1801 c03e05 c23e0161 c33e0801c43e'), '{"fInt32":1}');
  });

  it('has known fields in another form, which are not known then', () =>
    assert.equal(shown('1a0161 1d00000000'), '{}'));

  it('has entries of maps without key or value', () => {
    assert.equal(shown('9a0300'), '{"mStringString":{"":""}}');
    assert.equal(shown('ba0300'), '{"mSint32All":{"0":{}}}');
    assert.equal(shown('9a03060a0161120162 9a03060a0161120163'), '{"mStringString":{"a":"c"}}');
  });

  it('has numbers longer than they need be', () => {
    assert.equal(shown('18818000'), '{"fInt32":1}');
    assert.equal(shown('18ffffffffffffffffff01'), '{"fInt32":-1}');
    assert.equal(shown('18ffffffff1f'), '{"fInt32":-1}');
    assert.equal(shown('6880808080808080808001'), '{"fBool":true}');
  });

  it('is refused when it is cut off or malformed', () => {
    for (const bytes of [
      '18',
      '1880',
      '18ffffffffffffffffffff01',
      '0900',
      '7205 61',
      '8a0105 18',
      '00',
      '1f',
      'c33e0801',
      'c43e',
      'c33ecc3e',
      '7202c328',
      '8a0102720a',
      '8a0203808080',
      '9a03020a05',
    ])
      assert.ok(faultOf(() => shown(bytes)).message.length > 10, bytes);
  });

  it('is refused when it says what JSON cannot', () => {
    // A time of 10000, nanos below zero, a span with two signs, a Value without one, NaN in one, a mask with an underscore.
    for (const bytes of [
      'c2040808 80dc82bbaf07',
      'c2040b 10ffffffffffffffffff01',
      'ca040d 0801 10ffffffffffffffffff01',
      'e20400',
      'e20409 11000000000000f87f',
      'd20405 0a03615f5f',
    ])
      assert.ok(faultOf(() => shown(bytes)).message.length > 10, bytes);
  });

  it('may not make more text than a gateway can hold', () => {
    const codec = fixtureCodec(ALL, { emitDefaults: true });
    // Two bytes each, and hundreds of characters: a list of empty messages.
    const bytes = Buffer.alloc(3 * 400_000, Buffer.from('ca0200', 'hex'));
    assert.match(faultOf(() => codec.toJson(bytes)).message, /too large for JSON/);
  });
});

describe('proto2 and editions', () => {
  it('have groups, required fields, closed enums and texts that nobody looked at', () => {
    const text = '{"must":"a","part":{"name":"b","inner":{"must":"c"}},"piece":[{"size":1},{}],"shut":"ONE"}';
    assert.equal(around(text, 'turnpike.test.Legacy'), text);
    assert.match(faultOf(() => around('{}', 'turnpike.test.Legacy')).message, /lacks must/);
    assert.equal(faultOf(() => around('{"must":"a","shut":3}', 'turnpike.test.Legacy')).pointer, '/shut');
    const legacy = fixtureCodec('turnpike.test.Legacy');
    const unknown = Buffer.from('5003 5801 5809 5802 6a01ff'.replaceAll(' ', ''), 'hex');
    assert.equal(legacy.toJson(unknown), '{"shuts":["ONE","TWO"],"lax":"\uFFFD"}');
  });

  it('have no presence, explicit presence and delimited messages by feature', () => {
    const text = '{"explicit":0,"required":0,"delimited":{"required":1},"pieces":[{"required":2}]}';
    assert.equal(around(text, 'turnpike.test.Modern'), text);
    assert.equal(around('{"implicit":0,"required":0}', 'turnpike.test.Modern'), '{"required":0}');
    assert.match(faultOf(() => around('{}', 'turnpike.test.Modern')).message, /requires/);
  });
});
