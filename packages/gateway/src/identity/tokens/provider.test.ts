import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { GatewayError } from '../../core/errors.ts';
import { goodClaims, judged, outcomeOf, refusalIn, requestWith, signer, stand } from './tokens-testing.ts';

const OLD = signer('ES256', 'old');
const NEW = signer('ES256', 'new');
const WELCOME = 'welcome alice';

let last = 0;
/** A token that was not seen before. */
function fresh(by: { token: (payload: object, header?: object) => string }, header: object = {}): string {
  return by.token(goodClaims({ jti: `t${++last}` }), header);
}

describe('the keys of a provider', () => {
  it('are asked for when a token names an unknown one, and the token is judged by the news', async () => {
    const { publish, scheme, asked, answers } = stand();
    publish([OLD.jwk]);
    answers.refresh = async () => {
      publish([OLD.jwk, NEW.jwk]);
      return null;
    };
    const route = scheme();
    assert.equal(await judged(route, fresh(OLD)), WELCOME);
    assert.deepEqual(asked, []);
    assert.equal(await judged(route, fresh(NEW)), WELCOME);
    assert.deepEqual(asked, [{ kind: 'refresh-keys', provider: 'corporate' }]);
  });

  it('are not asked for again within half a minute of having been asked for in vain', async () => {
    const { publish, scheme, asked, pass } = stand();
    publish([OLD.jwk]);
    const route = scheme();
    for (let i = 0; i < 50; i++) {
      assert.equal(await judged(route, fresh(OLD, { kid: `invented-${i}` })), 'unknown-key');
    }
    assert.equal(asked.length, 1);
    assert.equal(await judged(route, fresh(OLD)), WELCOME);
    pass(29_999);
    assert.equal(await judged(route, fresh(NEW)), 'unknown-key');
    assert.equal(asked.length, 1);
    pass(1);
    await judged(route, fresh(NEW));
    assert.equal(asked.length, 2);
  });

  it('are asked for once by all who need them at the same time', async () => {
    const { publish, scheme, asked, answers } = stand();
    const answer = Promise.withResolvers<null>();
    answers.refresh = () => answer.promise;
    const route = scheme();
    const verdicts = Promise.all(Array.from({ length: 10 }, () => judged(route, fresh(NEW))));
    await Promise.resolve();
    publish([NEW.jwk]);
    answer.resolve(null);
    assert.deepEqual(new Set(await verdicts), new Set([WELCOME]));
    assert.equal(asked.length, 1);
  });

  it('are believed to be what they are when they were just learned', async () => {
    const { publish, scheme, answers } = stand();
    const route = scheme();
    answers.refresh = async () => {
      publish([OLD.jwk]);
      return null;
    };
    assert.equal(await judged(route, fresh(NEW)), 'unknown-key');
  });

  it('that nobody knows make a token that nobody can judge', async () => {
    const { publish, scheme } = stand();
    const route = scheme();
    for (const keys of [null, [], [{ kty: 'oct', k: 'AAAA' }]]) {
      publish(keys);
      const answer = await route.authenticate(requestWith(`Bearer ${fresh(OLD)}`));
      assert.deepEqual(refusalIn(answer), {
        kind: 'refused',
        code: 'IDENTITY_UNAVAILABLE',
        reason: 'keys-unavailable',
        detail: 'The keys of the identity provider corporate are not known at the moment',
        challenge: '',
      });
    }
  });

  it('that may have changed while the provider is silent leave open who signed with an unknown one', async () => {
    const { publish, scheme, answers, pass } = stand();
    publish([OLD.jwk]);
    answers.refresh = () => Promise.reject(new GatewayError('IDENTITY_UNAVAILABLE', 'silent'));
    const route = scheme();
    assert.equal(await judged(route, fresh(NEW)), 'keys-unavailable');
    assert.equal(await judged(route, fresh(NEW)), 'keys-unavailable');
    assert.equal(await judged(route, fresh(OLD)), WELCOME);
    pass(30_000);
    answers.refresh = () => Promise.resolve(null);
    assert.equal(await judged(route, fresh(NEW)), 'unknown-key');
  });

  it('make a fault of ours when they cannot be asked for because of one', async () => {
    const { scheme, answers } = stand();
    answers.refresh = () => Promise.reject(new TypeError('a mistake'));
    await assert.rejects(scheme().authenticate(requestWith(`Bearer ${fresh(OLD)}`)), TypeError);
  });

  it('that are withdrawn take with them what they had signed', async () => {
    const { publish, scheme } = stand();
    const route = scheme();
    publish([OLD.jwk, NEW.jwk]);
    const [old, young] = [`Bearer ${fresh(OLD)}`, `Bearer ${fresh(NEW)}`].map((field) => requestWith(field));
    assert.ok(old !== undefined && young !== undefined);
    for (const request of [old, young]) {
      assert.equal(outcomeOf(await route.authenticate(request)), WELCOME);
      assert.equal(route.recall(request)?.subject, 'alice');
    }
    publish([NEW.jwk]);
    assert.equal(route.recall(old), null);
    assert.equal(outcomeOf(await route.authenticate(old)), 'unknown-key');
    assert.equal(route.recall(young)?.subject, 'alice');
    publish(null);
    assert.equal(route.recall(young), null);
  });

  it('may share an id: all of them are tried', async () => {
    const { publish, scheme } = stand();
    publish([
      { ...OLD.jwk, kid: 'same' },
      { ...NEW.jwk, kid: 'same' },
      { kty: 'EC', crv: 'P-256', kid: 'same' },
    ]);
    const route = scheme();
    assert.equal(await judged(route, fresh(OLD, { kid: 'same' })), WELCOME);
    assert.equal(await judged(route, fresh(NEW, { kid: 'same' })), WELCOME);
    assert.equal(await judged(route, fresh(signer('ES256', 'third'), { kid: 'same' })), 'signature');
  });

  it('are tried when a token names none: the first eight that fit its algorithm', async () => {
    const { publish, scheme } = stand();
    const others = Array.from({ length: 7 }, (_, i) => ({ ...OLD.jwk, kid: `copy-${i}` }));
    const rsa = signer('RS256').jwk;
    const route = scheme();
    publish([rsa, ...others, NEW.jwk]);
    assert.equal(await judged(route, fresh(NEW, { kid: undefined })), WELCOME);
    publish([rsa, ...others, OLD.jwk, NEW.jwk]);
    assert.equal(await judged(route, fresh(NEW, { kid: undefined })), 'signature');
  });

  it('are 64 at most', async () => {
    const { publish, scheme } = stand();
    const others = Array.from({ length: 64 }, (_, i) => ({ ...OLD.jwk, kid: `copy-${i}` }));
    publish([...others, NEW.jwk]);
    const route = scheme();
    assert.equal(await judged(route, fresh(OLD, { kid: 'copy-63' })), WELCOME);
    assert.equal(await judged(route, fresh(NEW)), 'unknown-key');
  });
});

describe('a token with a wrong signature', () => {
  it('is not computed again for ten seconds, unless there are other keys', async () => {
    const { publish, scheme, pass } = stand();
    publish([{ ...OLD.jwk, kid: 'new' }]);
    const route = scheme();
    const token = fresh(NEW);
    assert.equal(await judged(route, token), 'signature');
    assert.equal(await judged(route, token), 'signature');
    publish([NEW.jwk]);
    assert.equal(await judged(route, token), WELCOME);

    publish([{ ...OLD.jwk, kid: 'new' }]);
    assert.equal(await judged(route, token), 'signature');
    pass(10_000);
    assert.equal(await judged(route, token), 'signature');
  });
});
