import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ListenerConfig } from '@turnpike/config';
import { UsageError } from '../exit-codes.ts';
import { chooseListener, type Doors, type Entrance } from './choose-listener.ts';

/** As much of a listener as the choice looks at. */
function listener(id: string, port: number, names: readonly string[] | null): ListenerConfig {
  const tls = names === null ? null : { certificates: [{ kind: 'files', names }] };
  return { id, address: { host: '', port }, tls } as unknown as ListenerConfig;
}

const DOORS: Doors = {
  listeners: [
    listener('plain', 80, null),
    listener('shop', 8443, ['shop.example']),
    listener('others', 9443, ['*.others.example']),
    listener('alternate', 8080, null),
  ],
  certificates: [{ listeners: ['others'], names: ['named.example'] }] as unknown as Doors['certificates'],
};

const CASES: readonly (readonly [url: string, id: string, doors?: Doors])[] = [
  ['/path', 'plain'],
  ['http://any/', 'plain'],
  ['http://any:8080/', 'alternate'],
  ['https://shop.example/', 'shop'],
  ['https://a.others.example/', 'others'],
  ['https://a.b.others.example/', 'shop'],
  ['https://named.example/', 'others'],
  ['https://any:9443/', 'others'],
  ['https://shop.example:8080/', 'alternate'],
  ['https://any/', 'only', { ...DOORS, listeners: [listener('only', 8080, null)] }],
  [
    'https://any/',
    'usual',
    { ...DOORS, listeners: [listener('first', 9443, ['any']), listener('usual', 443, [])] },
  ],
];

describe('a request comes in', () => {
  for (const [url, id, doors = DOORS] of CASES)
    it(`${url} by ${id}`, () => assert.equal(chooseListener(undefined, entranceOf(url), doors), id));

  it('where it is told to, if there is such a listener', () => {
    assert.equal(chooseListener('others', entranceOf('/'), DOORS), 'others');
    assert.throws(() => chooseListener('other', entranceOf('/'), DOORS), UsageError);
  });
});

function entranceOf(url: string): Entrance {
  const [, scheme, host = '', port] = /^(https?):\/\/([^/:]+)(?::(\d+))?/.exec(url) ?? [];
  return {
    scheme: scheme === 'http' || scheme === 'https' ? scheme : null,
    host,
    port: port === undefined ? null : Number(port),
  };
}
