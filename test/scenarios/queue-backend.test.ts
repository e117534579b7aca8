/** The queues move from PostgreSQL to Redis and back while referrals are under way: everything arrives, once and in order. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../core/platform/free-port.ts';
import { openHookReceiver, type HookReceiver } from '../kit/hook-receiver.ts';
import {
  openInstallation,
  processesOn,
  seed,
  start,
  until,
  type Installation,
  type Program,
  type Settings,
} from '../kit/installation.ts';
import { redisMissing, startRedis, type RedisProgram } from '../kit/redis-program.ts';
import { createReferralDesk, type ReferralDesk, type ShownReferral } from '../kit/referral-desk.ts';
import { handlerOf, OPERATOR, SUPERVISOR } from './county.ts';

const HEAD = handlerOf('police', { roles: ['department.head'] });

const dataFolder = mkdtempSync(join(tmpdir(), 'maplebridge-backend-'));
let redis: RedisProgram;
let port: string;
let gateway: Program;
let worker: Program;
let installation: Installation;
let desk: ReferralDesk;
let receiver: HookReceiver;
let inboundSecret: string;

async function startOn(backend: Settings): Promise<void> {
  gateway = await start(dataFolder, ['gateway'], { ...backend, PORT: port });
  worker = await start(dataFolder, ['worker'], backend);
}

const url = (): string => `http://127.0.0.1:${port}`;

async function registerPolice(): Promise<void> {
  const org = await desk.idOf('police');
  const input = { organisation: org, url: receiver.url, types: ['referral.*'] };
  const { data } = await installation.ask<{ register: { secret: string }; issue: { secret: string } }>(
    HEAD,
    `mutation ($input: WebhookEndpointInput!, $org: ID!, $one: String!, $other: String!) {
      register: registerWebhookEndpoint(input: $input, idempotencyKey: $one) { secret }
      issue: issueInboundSecret(organisation: $org, idempotencyKey: $other) { secret } }`,
    { input, org, one: randomUUID(), other: randomUUID() },
  );
  receiver.trust(data.register.secret);
  inboundSecret = data.issue.secret;
}

async function sendAccept(referral: string): Promise<number> {
  const [id, at] = [`msg_${randomUUID()}`, new Date()];
  const body = JSON.stringify({ type: 'referral.accept', timestamp: at.toISOString(), data: { id: referral } });
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(inboundSecret).sign(id, at, body),
  };
  return (await fetch(`${url()}/webhooks/in/police`, { method: 'POST', headers, body })).status;
}

const toPolice = async (): Promise<ShownReferral> =>
  desk.mustOpen(OPERATOR, {
    dispute: await desk.openDispute(),
    ...{ kind: 'ASSIGN', lead: await desk.idOf('police'), summary: '请派出所先行调解。' },
  });

const takenOf = ({ id }: ShownReferral) => receiver.taken.filter(({ body }) => body.data['referral'] === id);
const arrived = (referral: ShownReferral) =>
  until('it has come to the police', async () => takenOf(referral).length > 0);

interface InFlight {
  /** Its message was refused once. */
  readonly refused: ShownReferral;
  /** Its message stands in the outbox only. */
  readonly waiting: ShownReferral;
  /** What the police answered is stored and not applied. */
  readonly answered: ShownReferral;
}

/** Everything that can be half done, when both programs are gone. */
async function stopInFlight(stop: (program: Program) => Promise<unknown>): Promise<InFlight> {
  const answered = await toPolice();
  await arrived(answered);
  receiver.answer(503);
  const refused = await toPolice();
  await arrived(refused);
  receiver.answer(204);
  await stop(worker);
  const waiting = await toPolice();
  expect(await sendAccept(answered.id)).toBe(202);
  // Nobody is there to say that the time to accept is over.
  await desk.advance('4d');
  await stop(gateway);
  return { refused, waiting, answered };
}

const UNDONE = `
select (select count(*) from outbox where dispatched_at is null)
  + (select count(*) from delivery where status in ('PENDING', 'WAITING', 'RETRYING'))
  + (select count(*) from inbox where status = 'ACCEPTED') as n`;

/** What of its lane has been delivered, by the database. */
const delivered = async ({ id }: ShownReferral): Promise<readonly string[]> => {
  const rows = await installation.db.query<{ message: string }>(
    `select message_id as message from delivery where lane = $1 and status = 'DELIVERED' order by position`,
    [id],
  );
  return rows.map(({ message }) => message);
};

async function expectAllDone(flight: InFlight): Promise<void> {
  const isOverdue = async ({ id }: ShownReferral): Promise<boolean> =>
    (await desk.mustRead(OPERATOR, id)).clocks.some(({ name, light }) => name === 'acceptance' && light === 'RED');
  const isAccepted = async ({ id }: ShownReferral): Promise<boolean> =>
    (await desk.mustRead(OPERATOR, id)).events.some(({ type }) => type === 'ACCEPTED');
  for (const referral of [flight.refused, flight.waiting])
    await until('the clock that was due has spoken', () => isOverdue(referral), 60_000);
  await until('the answer is applied', () => isAccepted(flight.answered), 60_000);
  await until(
    'nothing is left to be done',
    async () => (await installation.db.one<{ n: number }>(UNDONE)).n === 0,
    60_000,
  );
  for (const referral of [flight.refused, flight.waiting, flight.answered]) {
    const taken = takenOf(referral).filter((message) => message.answered === 204);
    expect(taken.map(({ id }) => id)).toEqual(await delivered(referral));
    expect(taken.map(({ body }) => body.sequence)).toEqual(taken.map((_, n) => n + 1));
    expect(taken.map(({ body }) => body.type)).toEqual(
      expect.arrayContaining(referral === flight.answered ? ['referral.accepted'] : ['referral.overdue']),
    );
    expect(taken.every(({ verified }) => verified)).toBe(true);
    const { events } = await desk.mustRead(OPERATOR, referral.id);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, n) => n + 1));
  }
}

interface Board {
  readonly queues: readonly { readonly name: string; readonly counts: Readonly<Record<string, number>> }[];
}
const board = async (): Promise<Board['queues']> => {
  const headers = { authorization: `Bearer ${await installation.token(SUPERVISOR)}` };
  return ((await (await fetch(`${url()}/queues/api/queues`, { headers })).json()) as Board).queues;
};

describe.skipIf(redisMissing !== null)(`A change of the queues’ backend${redisMissing ?? ''}`, () => {
  beforeAll(async () => {
    [redis, receiver, port] = [await startRedis(), await openHookReceiver(), String(await freePort())];
    await seed(dataFolder, 200, 5);
    await startOn({});
    installation = await openInstallation(dataFolder, url());
    desk = createReferralDesk(installation, OPERATOR);
    await registerPolice();
  }, 180_000);
  afterAll(async () => {
    await installation.close();
    await worker.interrupt();
    await gateway.interrupt();
    await receiver.close();
    await redis.stop();
    for (const pid of processesOn(dataFolder)) process.kill(pid, 'SIGKILL');
    rmSync(dataFolder, { recursive: true, force: true });
  }, 60_000);

  test('from PostgreSQL to Redis loses nothing, although everything was killed', async () => {
    const flight = await stopInFlight((program) => program.kill());
    await startOn({ REDIS_URL: redis.url });
    expect((await board()).map(({ name }) => name)).toContain('{deliver}');
    await expectAllDone(flight);
  }, 240_000);

  test('and back to PostgreSQL neither; what its queues still knew does no harm and goes', async () => {
    const flight = await stopInFlight((program) => program.interrupt());
    await startOn({});
    expect((await board()).map(({ name }) => name)).toContain('deliver');
    await expectAllDone(flight);
    await until(
      'its old jobs are gone',
      async () =>
        (await board()).every(({ counts }) =>
          ['waiting', 'active', 'delayed', 'prioritized'].every((status) => (counts[status] ?? 0) === 0),
        ),
      90_000,
    );
  }, 240_000);
});
