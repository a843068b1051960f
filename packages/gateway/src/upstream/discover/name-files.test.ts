import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressesInHosts, parseResolvConf, parseServer } from './name-files.ts';

describe('resolv.conf', () => {
  it('names servers and search domains; the last list counts', () => {
    const text = `# generated
domain old.test
search prod.svc.cluster.local. svc.cluster.local ; why
nameserver 10.96.0.10
nameserver\tfd00::10 # second
nameserver not-an-address
options ndots:5
`;
    assert.deepEqual(parseResolvConf(text), {
      servers: [
        { host: '10.96.0.10', port: 53 },
        { host: 'fd00::10', port: 53 },
      ],
      search: ['prod.svc.cluster.local', 'svc.cluster.local'],
    });
  });

  it('that says nothing means a server on this machine', () => {
    assert.deepEqual(parseResolvConf(''), { servers: [{ host: '127.0.0.1', port: 53 }], search: [] });
  });
});

describe('a hosts file', () => {
  const text =
    '127.0.0.1 localhost\n::1\tlocalhost ip6-localhost # both\n#10.0.0.9 off\n10.0.0.1 Users.Internal users\n';

  it('has all addresses of a name, whatever its case', () => {
    assert.deepEqual(addressesInHosts(text, 'localhost'), ['127.0.0.1', '::1']);
    assert.deepEqual(addressesInHosts(text, 'users.internal.'), ['10.0.0.1']);
    assert.deepEqual(addressesInHosts(text, 'off'), []);
    assert.deepEqual(addressesInHosts(text, 'both'), []);
  });

  it('need not have localhost', () => assert.deepEqual(addressesInHosts('', 'LOCALHOST'), ['127.0.0.1']));
});

describe('a server of the configuration', () => {
  it('is an address and a port', () => {
    assert.deepEqual(parseServer('10.0.0.1:5353'), { host: '10.0.0.1', port: 5353 });
    assert.deepEqual(parseServer('[fd00::10]:53'), { host: 'fd00::10', port: 53 });
  });
});
