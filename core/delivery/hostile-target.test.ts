/** Hostile targets, from registering to sending: nothing ever arrives at a server that stands where none may be reached. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { centre, createDeliveryRig, type DeliveryRig } from '../../test/kit/delivery.ts';
import { HOSTILE_HOSTS } from '../../test/kit/hostile-target.ts';
import { createDeliver } from './deliver.ts';
import { registerEndpoint, type EndpointDeps } from './endpoint.ts';
import { createTargetPolicy, type TargetPolicy } from './target.ts';
import { createWebhookClient } from './webhook-client.ts';
import type { Lookup } from './webhook-client-connect.ts';

let rig: DeliveryRig;
const open: { close(): unknown }[] = [];
beforeEach(async () => {
  rig = await createDeliveryRig();
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  await rig.drop();
});

const listen = async (host: string, listener: RequestListener, port = 0): Promise<number> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  open.push({
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  });
  return ((server as Server).address() as AddressInfo).port;
};

const register = (deps: EndpointDeps, url: string) =>
  rig.db.tx((tx) => registerEndpoint(tx, deps, centre, { organisation: 'police', url, types: ['*'], signing: 'V1' }));

/** Registered as if nobody had looked at the address: the list of ranges was longer then, or somebody wrote to the table. */
const registerUnseen = (url: string) => register({ ...rig.deps, policy: { checkUrl: () => null } }, url);

function sender(policy: TargetPolicy, lookup?: Lookup) {
  const { db, clock, deps } = rig;
  const client = createWebhookClient({ policy, clock, connections: 2, ...(lookup && { lookup }) });
  open.push(client);
  return createDeliver({ db, keyring: deps.keyring, clock, client, random: () => 0.5 });
}

/** A message to the police's only endpoint; what its attempt came to. */
async function send(policy: TargetPolicy, lookup?: Lookup): Promise<{ status: number | null; error: string | null }> {
  await rig.tell(await rig.referral(), ['police'], 'referral.dispatched');
  await rig.dispatchAll();
  const deliver = sender(policy, lookup);
  for (const { id } of await deliver.due()) await deliver.deliver(id);
  return rig.db.one('select status, error from delivery_attempt order by id desc limit 1', []);
}

/** So that the next is the only one. */
const forgetEndpoints = () =>
  rig.db.query(
    'truncate webhook_endpoint, webhook_secret, webhook_lane, delivery, delivery_attempt, desk_task, outbox',
  );

test('Every hostile address is refused when it is registered, and again when something is to be sent there', async () => {
  let reached = 0;
  const reach: RequestListener = (_, response) => {
    reached += 1;
    response.writeHead(204).end();
  };
  const port = await listen('0.0.0.0', reach);
  const strict = createTargetPolicy({ allow: [] });
  // As a caller would meet it at the moment of connecting, had the look at the address as written let it through.
  const atConnect: TargetPolicy = { ...strict, checkUrl: () => null };
  const urls = new Map<string, string>();
  for (const host of HOSTILE_HOSTS) {
    const url = `https://${host}:${port}/hook`;
    await expect(register({ ...rig.deps, policy: strict }, url), url).rejects.toMatchObject({
      ...{ code: 'BAD_USER_INPUT', details: { field: 'url' } },
    });
    urls.set((await registerUnseen(url)).endpoint.id, url);
  }
  await rig.tell(await rig.referral(), ['police'], 'referral.dispatched');
  await rig.dispatchAll();
  for (const policy of [strict, atConnect]) {
    const deliver = sender(policy, async () => ['127.0.0.1']);
    for (const { id } of await deliver.due()) await deliver.deliver(id);
    rig.clock.advance(5_500);
  }
  const attempts = await rig.db.query<{ id: string; errors: (string | null)[] }>(
    `select d.endpoint_id as id, array_agg(a.error) as errors
     from delivery d join delivery_attempt a on a.delivery_id = d.id group by d.endpoint_id`,
  );
  for (const { id, errors } of attempts) expect(errors, urls.get(id)).toEqual(['target_refused', 'target_refused']);
  const refused = attempts.length;
  expect(refused).toBe(HOSTILE_HOSTS.length);
  expect(refused).toBeGreaterThanOrEqual(40);
  expect(reached).toBe(0);
  process.stdout.write(`${refused} hostile targets refused, ${reached} reached\n`);
});

test('A redirect into the network is a failure and not followed, whichever it is', async () => {
  let reached = 0;
  const inside = await listen('127.0.0.2', (_, response) => {
    reached += 1;
    response.writeHead(204).end();
  });
  for (const status of [301, 302, 303, 307, 308]) {
    const location = `http://127.0.0.2:${inside}/`;
    const port = await listen('127.0.0.1', (_, response) => response.writeHead(status, { location }).end());
    await register(rig.deps, `http://127.0.0.1:${port}/hook`);
    expect(await send(createTargetPolicy({ allow: ['127.0.0.0/8'] }))).toEqual({ status, error: null });
    await forgetEndpoints();
  }
  expect(reached).toBe(0);
});

test('A name that leads outside first and inside afterwards is refused the second time; so is one that leads to both', async () => {
  const [outside, inside] = [{ reached: 0 }, { reached: 0 }];
  const counting =
    (count: { reached: number }): RequestListener =>
    (_, response) => {
      count.reached += 1;
      response.writeHead(204, { connection: 'close' }).end();
    };
  // 127.0.0.1 plays the public address, 127.0.0.2 one inside.
  const policy = createTargetPolicy({ allow: ['127.0.0.1/32'] });
  const port = await listen('127.0.0.1', counting(outside));
  await listen('127.0.0.2', counting(inside), port);
  await register({ ...rig.deps, policy }, `http://hook.example.cn:${port}/hook`);
  const answers = [['127.0.0.1'], ['127.0.0.2'], ['127.0.0.1', '127.0.0.2']];
  const lookup: Lookup = async () => answers.shift() ?? [];
  expect(await send(policy, lookup)).toEqual({ status: 204, error: null });
  expect(await send(policy, lookup)).toEqual({ status: null, error: 'target_refused' });
  rig.clock.advance(5_500);
  expect(await send(policy, lookup)).toEqual({ status: null, error: 'target_refused' });
  expect([outside.reached, inside.reached, answers.length]).toEqual([1, 0, 0]);
});
