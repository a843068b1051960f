import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AddressBlock, AddressRuleConfig, IpAccessConfig } from '@turnpike/config';
import { blockOf, clientAt } from '../../core/addresses/addresses-testing.ts';
import { type AddressTable, openAddresses } from '../../core/addresses/address-table.ts';
import { compileAddresses } from '../../core/addresses/compile-addresses.ts';
import type { Decisions } from '../../core/decisions.ts';
import type { Reply } from '../../core/exchange.ts';
import { Headers } from '../../core/headers.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { ipAccess } from './ip-access.ts';

const PASSED: Reply = { status: 204, headers: new Headers(), body: null, code: '', tunnel: null };

function table(...blocks: readonly string[]): AddressTable {
  return openAddresses(compileAddresses(blocks.map(blockOf)));
}

/** A rule as people write it: blocks, and `@name` for lists. */
function rule(...entries: readonly string[]): AddressRuleConfig {
  const [blocks, lists] = [[] as AddressBlock[], [] as string[]];
  for (const entry of entries) {
    if (entry.startsWith('@')) lists.push(entry.slice(1));
    else blocks.push(blockOf(entry));
  }
  return { blocks, lists };
}

/** The stage, what it counts, and the lists, which can be changed. */
function gate(config: Partial<IpAccessConfig>) {
  const lists = new Map<string, AddressTable>();
  const counts: string[] = [];
  const decisions: Decisions = {
    allowed: () => counts.push('allowed'),
    denied: (reason) => counts.push(`denied ${reason}`),
    reported: (reason) => counts.push(`reported ${reason}`),
    failed: (reason) => counts.push(`failed ${reason}`),
  };
  const stage = ipAccess(
    { mode: 'on', allow: null, deny: rule(), ...config },
    {
      addresses: { get: (name) => lists.get(name) ?? null },
      decisions: (policy) => {
        assert.equal(policy, 'ipAccess');
        return decisions;
      },
    },
  );
  const handle = stage?.(() => Promise.resolve(PASSED));
  /** `passed`, or the rule that refused; with what was counted. */
  const ask = async (address: string): Promise<string> => {
    counts.length = 0;
    const reply = await handle?.(exchangeFrom({ client: clientAt(address), peer: clientAt('192.0.2.1') }));
    assert.ok(reply !== undefined);
    if (reply === PASSED) return `passed: ${counts.join(', ')}`;
    assert.equal(reply.code, 'IP_DENIED');
    assert.equal(reply.status, 403);
    const problem = JSON.parse(String(reply.body)) as { code: string; rule: string };
    assert.equal(problem.code, 'IP_DENIED');
    return `${problem.rule}: ${counts.join(', ')}`;
  };
  return { ask, lists };
}

describe('ipAccess', () => {
  it('is no stage without configuration', () => {
    const ports = { addresses: { get: () => null }, decisions: () => assert.fail() };
    assert.equal(ipAccess(null, ports), null);
  });

  it('lets everybody in who is not denied, when nobody in particular is allowed', async () => {
    const { ask } = gate({ deny: rule('10.6.6.0/24', '2001:db8:bad::/48') });
    assert.equal(await ask('10.6.7.1'), 'passed: allowed');
    assert.equal(await ask('10.6.6.1'), 'ipAccess.deny: denied denied');
    assert.equal(await ask('::ffff:a06:601'), 'ipAccess.deny: denied denied');
    assert.equal(await ask('2001:db8:bad::1'), 'ipAccess.deny: denied denied');
  });

  it('lets in only those who are allowed, and of them nobody who is denied', async () => {
    const { ask } = gate({ allow: rule('10.0.0.0/8', '::1'), deny: rule('10.6.6.0/24') });
    assert.equal(await ask('10.0.0.1'), 'passed: allowed');
    assert.equal(await ask('::1'), 'passed: allowed');
    assert.equal(await ask('11.0.0.1'), 'ipAccess.allow: denied not-allowed');
    assert.equal(await ask('10.6.6.1'), 'ipAccess.deny: denied denied');
  });

  it('lets nobody in when the list of the allowed is empty', async () => {
    const { ask } = gate({ allow: rule() });
    assert.equal(await ask('10.0.0.1'), 'ipAccess.allow: denied not-allowed');
  });

  it('judges by the computed address of the client, not by the peer', async () => {
    const { ask } = gate({ deny: rule('192.0.2.1') });
    assert.equal(await ask('10.0.0.1'), 'passed: allowed');
  });

  it('sees a list as it is at the moment', async () => {
    const { ask, lists } = gate({ deny: rule('@abusers') });
    lists.set('abusers', table('203.0.113.0/24'));
    assert.equal(await ask('203.0.113.9'), 'ipAccess.deny: denied denied');
    lists.set('abusers', table('198.51.100.0/24'));
    assert.equal(await ask('203.0.113.9'), 'passed: allowed');
    assert.equal(await ask('198.51.100.9'), 'ipAccess.deny: denied denied');
  });

  it('knows nobody of a list that was never loaded, and counts whom it lets pass', async () => {
    const denying = gate({ deny: rule('10.0.0.1', '@abusers', '@others') });
    denying.lists.set('others', table('10.0.0.2'));
    assert.equal(await denying.ask('10.0.0.1'), 'ipAccess.deny: denied denied');
    assert.equal(await denying.ask('10.0.0.2'), 'ipAccess.deny: denied denied');
    assert.equal(await denying.ask('10.0.0.3'), 'passed: failed list-unknown');

    const allowing = gate({ allow: rule('10.0.0.1', '@office') });
    assert.equal(await allowing.ask('10.0.0.1'), 'passed: allowed');
    assert.equal(await allowing.ask('10.0.0.3'), 'ipAccess.allow: denied not-allowed');
  });

  it('changes nothing in report mode, and counts what it would have done', async () => {
    const { ask } = gate({
      mode: 'report',
      allow: rule('10.0.0.0/8'),
      deny: rule('10.6.6.0/24', '@abusers'),
    });
    assert.equal(await ask('10.6.6.1'), 'passed: reported denied');
    assert.equal(await ask('11.0.0.1'), 'passed: reported not-allowed');
    assert.equal(await ask('10.0.0.1'), 'passed: failed list-unknown');
  });

  it('keeps nothing of what the client sent in its answer', async () => {
    const stage = ipAccess(
      { mode: 'on', allow: rule(), deny: rule() },
      { addresses: { get: () => null }, decisions: () => SILENT },
    );
    const reply = await stage?.(() => Promise.resolve(PASSED))(
      exchangeFrom({ client: clientAt('203.0.113.77') }),
    );
    assert.doesNotMatch(String(reply?.body), /203\.0\.113/);
  });
});

const SILENT: Decisions = { allowed: () => {}, denied: () => {}, reported: () => {}, failed: () => {} };
