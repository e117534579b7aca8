import { afterEach, beforeEach, expect, test } from 'vitest';
import { caller } from '../../test/kit/referral.ts';
import { centre, createDeliveryRig, head, type DeliveryRig } from '../../test/kit/delivery.ts';
import { loadEndpoints, registerEndpoint, rotateSecret, setEnabled } from './endpoint.ts';
import { readAttempts, readDeliveries } from './read-deliveries.ts';

let rig: DeliveryRig;
beforeEach(async () => {
  rig = await createDeliveryRig();
});
afterEach(() => rig.drop());

const order = (organisation: string, more: object = {}) => ({
  ...{ organisation, url: 'https://hook.example.cn/in', types: ['referral.*'], signing: 'V1' as const },
  ...more,
});
const register = (who: ReturnType<typeof head>, organisation: string, more?: object) =>
  rig.db.tx((tx) => registerEndpoint(tx, rig.deps, who, order(organisation, more)));

test('An endpoint is registered by its department or the centre; the secret is shown once and kept sealed', async () => {
  const { endpoint, secret } = await register(head('police'), 'station');
  expect(endpoint).toMatchObject({
    ...{ organisationId: 'station', url: 'https://hook.example.cn/in', types: ['referral.*'], signing: 'V1' },
    ...{ enabled: true, disabledReason: null, failingSince: null, waiting: 0 },
  });
  expect(secret).toMatch(/^whsec_/);
  const { cipher } = await rig.db.one<{ cipher: Buffer }>('select cipher from webhook_secret', []);
  expect(cipher.includes(secret)).toBe(false);
  const { url_cipher } = await rig.db.one<{ url_cipher: Buffer }>('select url_cipher from webhook_endpoint', []);
  expect(url_cipher.includes('hook.example.cn')).toBe(false);
  expect(JSON.stringify(await rig.db.query('select body from audit_trail', []))).not.toContain('whsec_');
  expect((await register(centre, 'court', { signing: 'V1A' })).secret).toMatch(/^whpk_/);
});

test('What is not theirs, or leads inside, or names no type, is refused', async () => {
  for (const who of [head('court'), head('station'), head('county')])
    await expect(register(who, 'police')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(register(caller('police', 'department.handler'), 'police')).rejects.toMatchObject({ code: 'FORBIDDEN' });
  for (const [more, field] of [
    [{ url: 'https://10.0.0.1/' }, 'url'],
    [{ url: 'http://hook.example.cn:22/' }, 'url'],
    [{ types: [] }, 'types'],
    [{ types: ['referral.nonsense'] }, 'types.0'],
    [{ ratePerSecond: 0 }, 'ratePerSecond'],
  ] as const)
    await expect(register(centre, 'police', more)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field },
    });
});

test('Endpoints and what was sent to them are seen by their department and by the centre', async () => {
  for (const id of ['police', 'station', 'court', 'street']) await rig.register(id, ['*'], { path: `/${id}` });
  await rig.tell(await rig.referral(), ['station', 'court', 'street'], 'referral.dispatched', 'referral.accepted');
  rig.answer = ({ path }) => ({ status: path === '/court' ? 422 : 200, text: 'x'.repeat(3_000) });
  await rig.run();
  const sees = async (who: ReturnType<typeof head>) => [
    (await loadEndpoints(rig.db, rig.deps, who)).length,
    (await readDeliveries(rig.db, who, { limit: 50 })).length,
  ];
  expect(await sees(head('police'))).toEqual([2, 4]);
  expect(await sees(head('station'))).toEqual([1, 2]);
  expect(await sees(head('county'))).toEqual([0, 0]);
  expect(await sees(centre)).toEqual([4, 8]);
  const failed = await readDeliveries(rig.db, centre, { status: ['FAILED', 'WAITING'], limit: 50 });
  expect(failed.map(({ status, reason, sequence }) => [status, reason, sequence])).toEqual([
    ['WAITING', null, 2],
    ['FAILED', 'HTTP_422', 1],
  ]);
  const attempts = await readAttempts(rig.db, [failed[1]?.id ?? '']);
  expect(attempts.get(failed[1]?.id ?? '')).toMatchObject([
    { httpStatus: 422, error: null, responseExcerpt: 'x'.repeat(1_024), at: rig.clock.wall() },
  ]);
});

test('Pages go from the newest to the oldest, each delivery once, and narrow by what is asked', async () => {
  const { endpoint } = await rig.register('police');
  await rig.register('station', ['*'], { path: '/station' });
  const referral = await rig.referral();
  await rig.tell(referral, ['station'], ...Array.from({ length: 5 }, () => 'referral.progress'));
  await rig.tell(await rig.referral(), ['station'], 'referral.dispatched');
  await rig.run();
  const seen: number[] = [];
  for (let before: number | undefined; ; before = seen.at(-1)) {
    const page = await readDeliveries(rig.db, centre, { limit: 5, ...(before === undefined ? {} : { before }) });
    if (page.length === 0) break;
    seen.push(...page.map(({ position }) => position));
  }
  expect(seen).toHaveLength(12);
  expect(seen).toEqual([...new Set(seen)].sort((a, b) => b - a));
  const count = async (more: object) => (await readDeliveries(rig.db, centre, { limit: 50, ...more })).length;
  expect(await count({ endpoint: endpoint.id })).toBe(6);
  expect(await count({ referral })).toBe(10);
  expect(await count({ endpoint: endpoint.id, referral, status: ['DELIVERED'] })).toBe(5);
  expect(await count({ since: new Date(rig.clock.wall().getTime() + 1) })).toBe(0);
});

test('What is switched off gets nothing, and goes on where it was when it is switched on', async () => {
  const { endpoint } = await rig.register('police');
  const referral = await rig.referral();
  const set = (enabled: boolean) => rig.db.tx((tx) => setEnabled(tx, rig.deps, head('police'), endpoint.id, enabled));
  await rig.tell(referral, ['police'], 'referral.dispatched');
  await rig.dispatchAll();
  expect(await set(false)).toMatchObject({ enabled: false, disabledReason: 'BY_HAND', waiting: 1 });
  await rig.tell(referral, ['police'], 'referral.accepted');
  await rig.run();
  expect(rig.received).toEqual([]);
  expect(await set(true)).toMatchObject({ enabled: true, disabledReason: null });
  await rig.tell(referral, ['police'], 'referral.closed');
  await rig.run();
  expect(rig.received.map(({ type, sequence }) => [type, sequence])).toEqual([
    ['referral.dispatched', 1],
    ['referral.closed', 2],
  ]);
  expect(await rig.kinds('endpoint.')).toEqual(['endpoint.registered', 'endpoint.disabled', 'endpoint.enabled']);
});

test('A secret is replaced by who may arrange the endpoint, with an overlap within reason', async () => {
  const { endpoint } = await rig.register('police');
  const rotate = (who: ReturnType<typeof head>, hours: number) =>
    rig.db.tx((tx) => rotateSecret(tx, rig.deps, who, endpoint.id, hours));
  await expect(rotate(head('court'), 24)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rotate(head('police'), -1)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  expect((await rotate(head('police'), 0)).secret).toMatch(/^whsec_/);
});
