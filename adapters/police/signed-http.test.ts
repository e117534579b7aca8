import { expect, test } from 'vitest';
import type { Http, HttpReply, HttpRequest } from '../kit/http.ts';
import { createSignedHttp, digestOf, signatureOf } from './signed-http.ts';

const HERE = new Date('2026-03-01T00:30:00.000Z');
const MINUTE = 60_000;

const reply = (status: number, body: unknown, headers: HttpReply['headers'] = {}): HttpReply => ({
  status,
  headers,
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});
const good = reply(200, { dm: '0000', xx: '成功', sj: { zt: 'OK' } });
const clocksDiffer = (theirs: Date | string): HttpReply =>
  reply(
    401,
    { dm: '4011', xx: '请求时间超出允许范围' },
    { date: typeof theirs === 'string' ? theirs : theirs.toUTCString() },
  );

/** A connection that gives these replies in turn, the last one for ever. */
function connection(...replies: readonly HttpReply[]) {
  const sent: HttpRequest[] = [];
  const http: Http = {
    async request(request) {
      sent.push(request);
      return replies[Math.min(sent.length, replies.length) - 1] ?? good;
    },
    close: async () => undefined,
  };
  const warnings: unknown[] = [];
  const gateway = createSignedHttp({
    source: 'POLICE',
    http,
    path: '/jwzh/api/v2',
    keyId: 'zzzx-01',
    secret: 'secret',
    clock: { business: () => HERE, wall: () => HERE },
    maxClockSkewMs: 24 * 60 * MINUTE,
    log: { info: () => undefined, warn: (fields: unknown) => void warnings.push(fields) },
  });
  const ask = (): Promise<unknown> =>
    gateway.call({ method: 'GET', path: '/zt', signal: new AbortController().signal });
  return { gateway, ask, sent, warnings };
}

const outcomeOf = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

test('A signature is over method, path with query, date and digest', () => {
  // Made with OpenSSL.
  const digest = digestOf('{"jqbs":["66f1c0de000000000000002a"]}');
  expect(digest).toBe('SHA-256=RkVtL9wUphYWVhuPHdWwzXR7MrXJ1dhFE5wJ9CTdy28=');
  expect(signatureOf('secret', 'POST', '/jwzh/api/v2/jqcx', 'Sun, 01 Mar 2026 00:30:00 GMT', digest)).toBe(
    'Av3ThM8goJ5aP/7VsIdoeMsv5Wdqs6ZCBvL8qmUxopY=',
  );
});

test('A request carries its date, digest, key id and signature, and not the secret', async () => {
  const { gateway, sent } = connection(good);
  const signal = new AbortController().signal;
  await gateway.call({ method: 'POST', path: '/jqcx', body: { jqbs: ['66f1c0de000000000000002a'] }, signal });
  expect(sent[0]).toMatchObject({
    path: '/jwzh/api/v2/jqcx',
    body: '{"jqbs":["66f1c0de000000000000002a"]}',
    headers: {
      date: 'Sun, 01 Mar 2026 00:30:00 GMT',
      digest: 'SHA-256=RkVtL9wUphYWVhuPHdWwzXR7MrXJ1dhFE5wJ9CTdy28=',
      authorization: 'HMAC-SHA256 Credential=zzzx-01, Signature=Av3ThM8goJ5aP/7VsIdoeMsv5Wdqs6ZCBvL8qmUxopY=',
    },
  });
});

test('When the clocks differ, the time is learnt from the answer and kept', async () => {
  const theirs = new Date(HERE.getTime() + 20 * MINUTE);
  const { ask, sent, warnings } = connection(clocksDiffer(theirs), good);
  expect(await ask()).toEqual({ zt: 'OK' });
  expect(sent.map((request) => request.headers?.['date'])).toEqual([HERE.toUTCString(), theirs.toUTCString()]);
  await ask();
  expect(sent).toHaveLength(3);
  expect(sent[2]?.headers?.['date']).toBe(theirs.toUTCString());
  expect(warnings).toEqual([{ source: 'POLICE', aheadSeconds: 1_200 }]);
});

test('A system that goes on saying that the clocks differ is asked twice and refuses', async () => {
  const { ask, sent } = connection(clocksDiffer(new Date(HERE.getTime() - 20 * MINUTE)));
  expect(await outcomeOf(ask())).toMatchObject({ reason: 'refused' });
  expect(sent).toHaveLength(2);
});

test('A clock a year away, none, or an unreadable one is not followed', async () => {
  for (const theirs of [new Date('2027-03-01T00:30:00Z'), 'yesterday', '']) {
    const { ask, sent } = connection(clocksDiffer(theirs));
    expect(await outcomeOf(ask())).toMatchObject({ reason: 'refused' });
    expect(sent).toHaveLength(1);
  }
});

test('A 401 for any other reason is a refusal at once', async () => {
  const { ask, sent } = connection(reply(401, { dm: '4010', xx: '签名校验失败' }, { date: HERE.toUTCString() }));
  expect(await outcomeOf(ask())).toMatchObject({ reason: 'refused' });
  expect(sent).toHaveLength(1);
});

test('A spent quota says how long to wait, in seconds or as a date by their clock', async () => {
  const spent = (value?: string): HttpReply =>
    reply(429, { dm: '4290' }, value === undefined ? {} : { 'retry-after': value });
  expect(await outcomeOf(connection(spent('17')).ask())).toMatchObject({ reason: 'limited', retryAfterMs: 17_000 });
  expect(await outcomeOf(connection(spent()).ask())).toMatchObject({ reason: 'limited', retryAfterMs: null });
  const theirs = new Date(HERE.getTime() + 20 * MINUTE);
  const skewed = connection(clocksDiffer(theirs), spent(new Date(theirs.getTime() + 5_000).toUTCString()));
  expect(await outcomeOf(skewed.ask())).toMatchObject({ reason: 'limited', retryAfterMs: 5_000 });
});

test('What is no envelope is told apart: a broken connection behind a proxy, a refusal, rubbish', async () => {
  const reasons: readonly (readonly [HttpReply, string])[] = [
    [reply(502, '<html>'), 'unreachable'],
    [reply(504, ''), 'unreachable'],
    [reply(503, '<html>系统维护</html>'), 'refused'],
    [reply(503, { dm: '5030', xx: '系统维护中' }), 'refused'],
    [reply(200, { dm: '5000', xx: '系统异常' }), 'refused'],
    [reply(200, '<html>'), 'unparsable'],
    [reply(200, '{"dm":"0000","sj":'), 'unparsable'],
    [reply(200, []), 'unparsable'],
    [reply(200, { xx: '成功' }), 'unparsable'],
  ];
  for (const [answer, reason] of reasons) expect(await outcomeOf(connection(answer).ask())).toMatchObject({ reason });
});

test('No error repeats what the system wrote', async () => {
  const secret = '王小明 990102196808047296';
  for (const answer of [
    reply(403, { dm: secret, xx: secret }),
    reply(200, { dm: secret }),
    reply(200, `{"dm":"0000","sj":"${secret}`),
    reply(500, secret),
  ]) {
    const error = await outcomeOf(connection(answer).ask());
    let text = '';
    for (let at: unknown = error; at instanceof Error; at = at.cause) text += `${at.message}\n${at.stack ?? ''}`;
    expect(text).not.toBe('');
    expect(text).not.toContain('王小明');
    expect(text).not.toContain('990102');
  }
});
