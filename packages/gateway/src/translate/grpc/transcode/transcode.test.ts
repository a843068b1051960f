import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytesOf, framesOf, methodOf, refusalOf, rig, serviceOf, type Request } from './transcode-testing.ts';
import { wireFields } from './wire-fields.ts';

type Row = readonly [line: string, request: Request, message: unknown];

/** What each request becomes: a method and its message, or a refusal. */
function table(rows: readonly Row[], config: Parameters<typeof rig>[0] = {}): void {
  const { message } = rig(config);
  for (const [line, request, expected] of rows) {
    const title = `${line} ${request.body === undefined ? '' : JSON.stringify(request.body)}`;
    it(title.slice(0, 100), async () => assert.deepEqual(await message(line, request), expected));
  }
}

const JSON_TYPE = ['Content-Type', 'application/json'] as const;

describe('rule 3: what is in the path is not for the body, what is in the body not for the query', () => {
  table([
    ['GET /v1/shelves/1/books/2', {}, { GetBook: { name: 'shelves/1/books/2' } }],
    ['DELETE /v1/shelves/1/books/2', {}, { DeleteBook: { name: 'shelves/1/books/2' } }],
    ['GET /v1/shelves/1/books', {}, { ListBooks: { parent: 'shelves/1' } }],
    ['GET /v1/shelves/1/books?parent=x', {}, '400 INVALID_REQUEST: query parent unknown'],
    ['DELETE /v1/shelves/1/books/2', { body: {} }, '400 BODY_NOT_ALLOWED'],
    ['POST /v1/books/7:move', { body: { otherShelf: 's' } }, { MoveBook: { id: '7', otherShelf: 's' } }],
    ['POST /v1/books/7:move', {}, { MoveBook: { id: '7' } }],
    ['POST /v1/books/7:move?other_shelf=s', {}, '400 INVALID_REQUEST: query other_shelf unknown'],
    [
      'POST /v1/shelves/1/books?request_id=r',
      { body: { title: 'T' } },
      { CreateBook: { parent: 'shelves/1', book: { title: 'T' }, requestId: 'r' } },
    ],
    ['POST /v1/shelves/1/books?book.title=T', { body: {} }, '400 INVALID_REQUEST: query book.title unknown'],
    ['POST /v1/shelves/1/books', {}, { CreateBook: { parent: 'shelves/1' } }],
    [
      'PATCH /v1/shelves/1/books/2?update_mask=title,publishedAt',
      { body: { title: 'T' } },
      { UpdateBook: { book: { name: 'shelves/1/books/2', title: 'T' }, updateMask: 'title,publishedAt' } },
    ],
  ]);

  it('and a body cannot leave the field that it is', async () => {
    const { ask, message } = rig();
    const body = '{"title":"T"},"requestId":"mine"';
    assert.match(
      refusalOf((await ask('POST /v1/shelves/1/books', { headers: [JSON_TYPE], body })).reply),
      /^400 INVALID/,
    );
    const closing = '{}} {"a":1';
    assert.equal(
      await message('POST /v1/shelves/1/books', { headers: [JSON_TYPE], body: closing }),
      '400 INVALID_REQUEST: body # type',
    );
  });
});

describe('rule 5: the query', () => {
  const list = (query: string, expected: object | string): Row => [
    `GET /v1/books?${query}`,
    {},
    typeof expected === 'string' ? expected : { ListBooks: expected },
  ];
  table([
    list('page_size=5', { pageSize: 5 }),
    list('pageSize=5', { pageSize: 5 }),
    list('genres=NOVEL&genres=2', { genres: ['NOVEL', 'POETRY'] }),
    list('years=9007199254740993&years=-1', { years: ['9007199254740993', '-1'] }),
    list('filter.text=a%20b+c', { filter: { text: 'a b c' } }),
    list('filter.inner.inner.text=x&filter.text=y', {
      filter: { text: 'y', inner: { inner: { text: 'x' } } },
    }),
    list('filter.since=2026-01-02T03:04:05Z', { filter: { since: '2026-01-02T03:04:05Z' } }),
    list('page_token=-_8%3D', { pageToken: '+/8=' }),
    list('mask=a,b.c', { mask: 'a,b.c' }),
    list('rating=0', { rating: 0 }),
    list('score=1.5', { score: 1.5 }),
    list('score=NaN', { score: 'NaN' }),
    list('recent=false', { recent: false }),
    list('order_by=', { orderBy: '' }),
    list('orderBy', { orderBy: '' }),
    list('%6Frder_by=x', { orderBy: 'x' }),
    list('order_by=%C3%A9', { orderBy: 'é' }),
    list('&&', {}),
    list('$alt=json&$fields=x', {}),
    list('recent=yes', '400 INVALID_REQUEST: query recent type'),
    list('page_size=x', '400 INVALID_REQUEST: query page_size type'),
    list('filter.since=soon', '400 INVALID_REQUEST: query filter.since type'),
    list('years=1&years=x', '400 INVALID_REQUEST: query years type'),
    list('genres=DRAMA', '400 INVALID_REQUEST: query genres type'),
    list('page_size=1&pageSize=2', '400 INVALID_REQUEST: query pageSize duplicate'),
    list('labels.a=1', '400 INVALID_REQUEST: query labels.a unknown'),
    list('labels=1', '400 INVALID_REQUEST: query labels unknown'),
    list('authors.full_name=x', '400 INVALID_REQUEST: query authors.full_name unknown'),
    list('filter=x', '400 INVALID_REQUEST: query filter unknown'),
    list('filter.since.seconds=1', '400 INVALID_REQUEST: query filter.since.seconds unknown'),
    list(
      `${'filter.inner.'.repeat(40)}text=x`,
      `400 INVALID_REQUEST: query ${'filter.inner.'.repeat(40).slice(0, 256)} unknown`,
    ),
    list('other=1', '400 INVALID_REQUEST: query other unknown'),
    list(
      '__proto__=1&constructor.name=2',
      '400 INVALID_REQUEST: query __proto__ unknown: query constructor.name unknown',
    ),
    list('order_by=%FF', '400 INVALID_REQUEST: query order_by encoding'),
    list('%zz=1', '400 INVALID_REQUEST: query undefined encoding'),
    list('order_by=a&unordered=true', '400 INVALID_REQUEST: query unordered type'),
  ]);

  describe('may have parameters for others', () => {
    table(
      [
        list('key=1&page_size=2', { pageSize: 2 }),
        list('other=1', '400 INVALID_REQUEST: query other unknown'),
      ],
      {
        ignoredQuery: ['key'],
      },
    );
    table([list('other=1&page_size=2', { pageSize: 2 })], { unknownQuery: 'ignore' });
  });
});

describe('rule 6: the path wins over the body', () => {
  table([
    ['POST /v1/books/7:move', { body: { id: 8 } }, { MoveBook: { id: '7' } }],
    ['POST /v1/books/0:move', { body: { id: '8', otherShelf: 's' } }, { MoveBook: { otherShelf: 's' } }],
    [
      'PATCH /v1/shelves/1/books/2',
      { body: { name: 'shelves/9/books/9', pages: '3' } },
      { UpdateBook: { book: { name: 'shelves/1/books/2', pages: '3' } } },
    ],
  ]);
});

it('a message that the path and the body share is written once, because not all readers join two', async () => {
  const { call } = await rig().ask('PATCH /v1/shelves/1/books/2', { body: { title: 'T' } });
  const [bytes] = framesOf(Buffer.from(String(call?.body), 'latin1'));
  assert.ok(bytes !== undefined);
  assert.deepEqual(
    wireFields(bytes).map(({ number }) => number),
    [1],
  );
});

describe('rule 7: additional bindings, custom methods, and methods without annotations', () => {
  table([
    ['GET /v1/books', {}, { ListBooks: {} }],
    ['POST /v1/books:search', { body: { pageSize: 1 } }, { ListBooks: { pageSize: 1 } }],
    ['PURGE /v1/shelves/1/2/3', {}, { PurgeBooks: { parent: 'shelves/1/2/3' } }],
    ['POST /library.v1.Library/CountBooks', { body: { parent: 'p' } }, { CountBooks: { parent: 'p' } }],
    ['POST /library.v1.Library/GetBook', { body: {} }, '404 NO_ROUTE'],
    ['GET /v1/nothing', {}, '404 NO_ROUTE'],
    ['PUT /v1/books', {}, '405 METHOD_NOT_ALLOWED'],
  ]);

  it('tells the methods that a path has', async () => {
    const { reply } = await rig().ask('PUT /v1/books');
    assert.equal(reply.headers.get('allow'), 'GET, HEAD');
  });

  const binding = { method: 'GET', template: '/books/{name}', body: '', responseBody: '' };
  const selector = 'library.v1.Library.GetBook';

  describe('rules of the configuration come instead of annotations, and the last counts', () => {
    const rules = [
      { selector, bindings: [{ ...binding, template: '/never' }] },
      { selector, bindings: [binding, { ...binding, template: '/b/{name}' }] },
    ];
    table(
      [
        ['GET /books/x', {}, { GetBook: { name: 'x' } }],
        ['GET /b/x', {}, { GetBook: { name: 'x' } }],
        ['GET /never', {}, '404 NO_ROUTE'],
        ['GET /v1/shelves/1/books/2', {}, '405 METHOD_NOT_ALLOWED'],
      ],
      { rules },
    );
  });

  it('leaves rules out that make no sense, and says so', async () => {
    const wrong = { ...binding, template: '/x/{nothing}' };
    const rules = [
      {
        selector,
        bindings: [wrong, binding, { ...binding, body: 'nothing' }, { ...binding, responseBody: 'nothing' }],
      },
      { selector: 'library.v1.Library.Nothing', bindings: [binding] },
      {
        selector: 'library.v1.Library.ListBooks',
        bindings: [
          { ...binding, template: '/y/{genres}' },
          { ...binding, template: '/z/{filter.since}' },
        ],
      },
      { selector: 'library.v1.Library.DeleteBook', bindings: [binding] },
    ];
    const { message, warnings } = rig({ rules });
    assert.deepEqual(await message('GET /books/x'), { GetBook: { name: 'x' } });
    assert.deepEqual(
      warnings.map((warning) =>
        (warning as { readonly problem: string }).problem.slice('library.v1.Library.'.length),
      ),
      [
        'Nothing: there is no such method',
        'GetBook: {nothing} is unknown in library.v1.GetBookRequest',
        'GetBook: body: nothing is no field of library.v1.GetBookRequest',
        'GetBook: responseBody: nothing is no field of library.v1.Book',
        'ListBooks: {genres} is a list or a message in library.v1.ListBooksRequest; a path has one value',
        'ListBooks: {filter.since} is a list or a message in library.v1.ListBooksRequest; a path has one value',
        'DeleteBook: GET /books/{name} belongs to another method already',
      ],
    );
  });
});

describe('a body', () => {
  const search = 'POST /v1/books:search';
  const of = (type: string, body: string): Request => ({ headers: [['Content-Type', type]], body });
  table([
    [search, of('application/json; charset=UTF-8', '{}'), { ListBooks: {} }],
    [search, of('application/merge-patch+json', '{}'), { ListBooks: {} }],
    [search, of('text/plain', '{}'), '415 UNSUPPORTED_MEDIA_TYPE'],
    [search, of('application/json; charset=latin1', '{}'), '415 UNSUPPORTED_MEDIA_TYPE'],
    [search, of('application/x-www-form-urlencoded', 'a=b'), '415 UNSUPPORTED_MEDIA_TYPE'],
    [search, { body: '{}' }, '415 UNSUPPORTED_MEDIA_TYPE'],
    [
      search,
      { headers: [JSON_TYPE, ['Content-Encoding', 'gzip']], body: '{}' },
      '415 UNSUPPORTED_MEDIA_TYPE',
    ],
    [search, of('application/json', '{'), '400 INVALID_REQUEST: body # type'],
    [search, of('application/json', '\xff'), '400 INVALID_REQUEST: body # type'],
    [search, { body: { pageSize: 'x' } }, '400 INVALID_REQUEST: body #/pageSize type'],
    [search, { body: { nothing: 1 } }, '400 INVALID_REQUEST: body #/nothing type'],
    [search, { body: { orderBy: 'x'.repeat(10_001) } }, '413 BODY_TOO_LARGE'],
    ['POST /v1/shelves/1/books', { body: { pages: {} } }, '400 INVALID_REQUEST: body #/pages type'],
  ]);
  table([[search, { body: { nothing: 1 } }, { ListBooks: {} }]], { unknownFields: 'ignore' });
});

describe('a call', () => {
  it('is a request of gRPC, and what the client sent before and after', async () => {
    const { ask } = rig();
    const headers = [
      ['Authorization', 'Bearer x'],
      ['X-Tenant', 't'],
      ['Accept-Encoding', 'gzip'],
      ['Grpc-Encoding', 'gzip'],
      ['grpc-trace-bin', 'AA'],
      JSON_TYPE,
    ] as const;
    const { call, exchange } = await ask('POST /v1/books:search', { headers, body: '{"pageSize":1}' });
    assert.ok(call !== null);
    assert.deepEqual([call.method, call.path, call.query], ['POST', '/library.v1.Library/ListBooks', '']);
    assert.equal(
      call.fields,
      'Authorization: Bearer x\r\nX-Tenant: t\r\ngrpc-trace-bin: AA\r\nContent-Type: application/grpc\r\n' +
        'grpc-accept-encoding: identity\r\n',
    );
    assert.equal(typeof call.body, 'string');
    assert.deepEqual(
      [exchange.targetMethod, exchange.targetPath, exchange.body],
      ['POST', '/v1/books:search', '{"pageSize":1}'],
    );
    assert.equal(exchange.headers.get('accept-encoding'), 'gzip');
    assert.equal(exchange.record.grpcStatus, 0);
  });

  it('that fails inside leaves the exchange as it was', async () => {
    const { handle } = rig({}, () => Promise.reject(new Error('as the test says')));
    const { exchangeFrom } = await import('../../../core/exchange-testing.ts');
    const exchange = exchangeFrom({ path: '/v1/books', query: '' });
    const { headers } = exchange;
    await assert.rejects(handle(exchange));
    assert.equal(exchange.headers, headers);
    assert.equal(exchange.targetPath, '/v1/books');
  });
});

describe('a reply', () => {
  const book = {
    name: 'n',
    title: 'Ä',
    pages: '9007199254740993',
    genre: 'NOVEL',
    publishedAt: '2026-01-02T03:04:05Z',
  };
  const [bookBytes] = [bytesOf(methodOf('GetBook').output, book)];

  it('is JSON, with the metadata of the service', async () => {
    const service = serviceOf(
      [bookBytes],
      [
        ['grpc-status', '0'],
        ['x-cost', '3'],
        ['grpc-message', ''],
      ],
      [
        ['x-shelf', '1'],
        ['grpc-encoding', 'identity'],
      ],
    );
    const { ask } = rig({}, service);
    const { reply, exchange } = await ask('GET /v1/shelves/1/books/2');
    assert.equal(reply.status, 200);
    assert.deepEqual(JSON.parse(Buffer.from(String(reply.body), 'latin1').toString()), book);
    assert.equal(
      reply.headers.endToEndLines(),
      'x-shelf: 1\r\nContent-Type: application/json\r\nx-cost: 3\r\n',
    );
    assert.equal(exchange.record.grpcStatus, 0);
  });

  it('to HEAD has its length and no body', async () => {
    const { reply } = await rig({}, serviceOf([bookBytes])).ask('HEAD /v1/shelves/1/books/2');
    assert.equal(reply.body, null);
    assert.ok(Number(reply.headers.get('content-length')) > 50);
  });

  it('may be one field of the message (rule 4)', async () => {
    const output = methodOf('ListBooks').output;
    const some = bytesOf(output, { books: [{ title: 'a' }, { title: 'b' }], nextPageToken: 'x' });
    assert.equal(
      (await rig({}, serviceOf([some])).ask('GET /v1/shelves/1/books')).reply.body,
      '[{"title":"a"},{"title":"b"}]',
    );
    assert.equal(
      (await rig({}, serviceOf([new Uint8Array(0)])).ask('GET /v1/shelves/1/books')).reply.body,
      '[]',
    );
    assert.equal((await rig({}, serviceOf([new Uint8Array(0)])).ask('GET /v1/books')).reply.body, '{}');
  });

  it('has default values too where the route says so', async () => {
    const { reply } = await rig({ emitDefaults: true }, serviceOf([new Uint8Array(0)])).ask(
      'POST /library.v1.Library/CountBooks',
    );
    assert.equal(reply.body, '{"count":"0"}');
  });

  it('that is no message, or no gRPC, is the fault of the service', async () => {
    for (const service of [
      serviceOf([Buffer.of(0xff)]),
      serviceOf([]),
      serviceOf([bookBytes, bookBytes]),
      serviceOf([bookBytes], []),
    ]) {
      await assert.rejects(rig({}, service).ask('GET /v1/shelves/1/books/2'), { code: 'UPSTREAM_INVALID' });
    }
  });

  it('larger than a message may be is not read to its end', async () => {
    const large = bytesOf(methodOf('GetBook').output, { title: 'x'.repeat(20_000) });
    await assert.rejects(rig({}, serviceOf([large])).ask('GET /v1/shelves/1/books/2'), {
      code: 'RESPONSE_TOO_LARGE',
    });
  });
});

describe('rule 8: bodies of any media type', () => {
  const cover = bytesOf(methodOf('GetCover').output, { contentType: 'image/png', data: '/wD+' });

  it('come as they are', async () => {
    const { reply } = await rig({}, serviceOf([cover])).ask('GET /v1/shelves/1/books/2/cover');
    assert.deepEqual([reply.body, reply.headers.get('content-type')], ['\xff\x00\xfe', 'image/png']);
  });

  it('go as they are, in a field and from one', async () => {
    const answer = bytesOf(methodOf('PutCover').output, {
      name: 'n',
      image: { contentType: 'text/x', data: 'AA==' },
    });
    const { ask, message } = rig({}, serviceOf([answer]));
    const request = { headers: [['Content-Type', 'image/gif']], body: '\x00\xff' } as const;
    const image = { contentType: 'image/gif', data: 'AP8=' };
    assert.deepEqual(await message('PUT /v1/shelves/1/books/2/cover', request), {
      PutCover: { name: 'shelves/1/books/2', image },
    });
    const { reply } = await ask('PUT /v1/shelves/1/books/2/cover', request);
    assert.deepEqual([reply.body, reply.headers.get('content-type')], ['\x00', 'text/x']);
  });

  it('cannot break the head of a reply', async () => {
    const bad = bytesOf(methodOf('GetCover').output, { contentType: 'a\r\nb: c', data: '' });
    const { reply } = await rig({}, serviceOf([bad])).ask('GET /v1/shelves/1/books/2/cover');
    assert.equal(reply.headers.get('content-type'), 'application/octet-stream');
  });
});
