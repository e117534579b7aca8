/** Outgoing webhooks on a database of their own: a small county, a receiver on loopback, and a clock that stands still unless told. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Caller } from '../../core/access/caller.ts';
import { createDeliver, type Deliver } from '../../core/delivery/deliver.ts';
import { createDispatch, type Dispatch } from '../../core/delivery/dispatch.ts';
import { openDeskTasks } from '../../core/delivery/desk-task.ts';
import { registerEndpoint, type EndpointDeps, type WithSecret } from '../../core/delivery/endpoint.ts';
import type { SigningScheme } from '../../core/delivery/secret.ts';
import { createTargetPolicy } from '../../core/delivery/target.ts';
import { createWebhookClient } from '../../core/delivery/webhook-client.ts';
import type { Clock } from '../../core/platform/clock.ts';
import type { Db } from '../../core/platform/db.ts';
import { newId } from '../../core/platform/id.ts';
import { createKeyring } from '../../core/platform/keyring.ts';
import { createSuperviseUndelivered, type SuperviseUndelivered } from '../../core/referrals/supervise-undelivered.ts';
import { createTestDatabase } from './database.ts';
import { caller, organisations, playbook, rules, workingDays } from './referral.ts';

export interface Received {
  readonly id: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly type: string;
  readonly sequence: number | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
}

export interface DeliveryRig {
  readonly db: Db;
  readonly url: string;
  readonly clock: Clock & { advance(ms: number): void };
  readonly deps: EndpointDeps;
  readonly dispatch: Dispatch;
  readonly deliver: Deliver;
  readonly supervise: SuperviseUndelivered;
  /** Opens the desk's tasks that are due; how many. */
  openDeskTasks(): Promise<number>;
  /** Another worker, over this database. */
  workerOver(db: Db): Deliver;
  readonly received: Received[];
  /** How the receiver answers; it may take its time. */
  answer: (message: Received) => Reply | Promise<Reply>;
  register(
    organisation: string,
    types?: string[],
    more?: { path?: string; signing?: SigningScheme; rate?: number },
  ): Promise<WithSecret>;
  dispute(accused?: readonly string[]): Promise<string>;
  /** A referral, with a clock for acceptance of `hours`. */
  referral(more?: {
    from?: string;
    urgency?: string;
    hours?: number | null;
    accused?: readonly string[];
  }): Promise<string>;
  /** As the engine leaves them in the outbox. */
  tell(referral: string, audience: readonly string[], ...types: readonly string[]): Promise<string[]>;
  /** Dispatches whatever waits. */
  dispatchAll(): Promise<void>;
  /** Dispatches, and sends whatever can be sent now. */
  run(): Promise<void>;
  statuses(endpoint: string): Promise<string[]>;
  kinds(prefix: string): Promise<string[]>;
  drop(): Promise<void>;
}

export const head = (id: string): Caller => caller(id, 'department.head');
export const centre = caller('centre', 'centre.supervisor');

const START = Date.parse('2026-11-21T02:00:00Z');
const KEYRING = createKeyring(Buffer.alloc(32, 7));

export async function createDeliveryRig(): Promise<DeliveryRig> {
  const database = await createTestDatabase();
  const { db, url } = database;
  for (const { id, kind, level, path } of organisations)
    await db.query('insert into organisation (id, code, name, level, kind, path) values ($1, $1, $1, $2, $3, $4)', [
      ...[id, level, kind, path],
    ]);
  let now = START;
  let serial = 0;
  const clock = {
    business: () => new Date(now),
    wall: () => new Date(now),
    advance: (ms: number) => {
      now += ms;
    },
  };
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const headers = request.headers as Record<string, string>;
      const body = JSON.parse(text) as Pick<Received, 'type' | 'sequence' | 'data'>;
      const message = { id: headers['webhook-id'] ?? '', path: request.url ?? '', headers, text, ...body };
      received.push(message);
      void Promise.resolve(rig.answer(message)).then((reply) => {
        response.writeHead(reply.status, reply.headers);
        response.end(reply.text ?? '');
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const policy = createTargetPolicy({ allow: ['127.0.0.1/32'] });
  const client = createWebhookClient({ policy, clock, connections: 50 });
  const deps = { keyring: KEYRING, clock, policy };
  const workerOver = (over: Db) => createDeliver({ db: over, keyring: KEYRING, clock, client, random: () => 0.5 });

  const supervise = createSuperviseUndelivered({
    ...{ keyring: KEYRING, clock, rules, workingDays },
    playbooks: { get: () => playbook() },
  });

  const rig: DeliveryRig = {
    ...{ db, url, clock, deps, received, workerOver, supervise, answer: () => ({ status: 204 }) },
    dispatch: createDispatch({ db, clock, url: 'https://gateway.example.cn/graphql' }),
    deliver: workerOver(db),
    openDeskTasks: () => openDeskTasks({ db, clock, supervise }),
    register: (organisation, types = ['*'], { path = '/', signing = 'V1', rate } = {}) =>
      db.tx((tx) =>
        registerEndpoint(tx, deps, centre, {
          ...{ organisation, types, signing, url: `http://127.0.0.1:${port}${path}` },
          ...(rate === undefined ? {} : { ratePerSecond: rate }),
        }),
      ),
    async dispute(accused = []) {
      const id = `dsp_${++serial}`;
      await db.query(
        `insert into dispute (id, number, title_cipher, category, channels, opened_at, accused_ids) values ($1, $1, '', 'OTHER', '{}', now(), $2)`,
        [id, accused],
      );
      return id;
    },
    async referral({ from = 'centre', urgency = 'ROUTINE', hours = 3, accused = [] } = {}) {
      const id = `ref_${++serial}`;
      const dueAt = new Date(now + (hours ?? 0) * 3_600_000).toISOString();
      const acceptance = {
        ...{ id: 'clk_1', stops: ['ACCEPTED'], startedAt: new Date(now).toISOString(), dueAt, light: 'GREEN' },
        ...{ pausedAt: null, stoppedAt: null, extendedUntil: null, nextAt: null },
      };
      const state = {
        ...{ id, urgency, from, kind: 'ASSIGN', status: 'DISPATCHED', version: 1, sequence: 1, lead: 'police' },
        ...{ responsible: from, participants: [], returnedBy: [], superior: null, step: 'dispatch' },
        ...{ playbook: { id: 'TEST', version: '1' }, clocks: hours === null ? [] : [acceptance] },
      };
      await db.query(
        `insert into referral (id, number, dispute_id, root_id, kind, status, version, from_id, lead_id, responsible_id, urgency,
           playbook_id, playbook_version, legal_basis, summary_cipher, state, light, opened_at)
         values ($1, $1, $2, $1, 'ASSIGN', 'DISPATCHED', 1, $3, 'police', $3, $4, 'TEST', '1', '', '', $5, 'GREEN', $6)`,
        [id, await rig.dispute(accused), from, urgency, JSON.stringify(state), clock.business()],
      );
      return id;
    },
    async tell(referral, audience, ...types) {
      const ids = types.map(() => newId('msg', clock.wall()));
      await db.query(
        `insert into outbox (id, lane, type, at, referral_id, audience, dispute_id, body)
         select t.id, r.id, t.type, $3, r.id, $4, r.dispute_id, jsonb_build_object('referral', r.id, 'event', 'evt_1', 'number', r.number,
           'version', 1, 'dispute', r.dispute_id, 'title', '张三')
         from unnest($1::text[], $2::text[]) with ordinality as t(id, type, place) cross join referral r where r.id = $5 order by t.place`,
        [ids, types, clock.business(), audience, referral],
      );
      return ids;
    },
    async dispatchAll() {
      for (let lanes = await rig.dispatch.due(); lanes.length > 0; lanes = await rig.dispatch.due())
        for (const lane of lanes) await rig.dispatch.dispatch(lane);
    },
    async run() {
      do {
        await rig.dispatchAll();
        const due = await rig.deliver.due();
        await Promise.all(due.map(({ id }) => rig.deliver.deliver(id)));
      } while ((await rig.deliver.due()).length + (await rig.dispatch.due()).length > 0);
    },
    async statuses(endpoint) {
      const rows = await db.query<{ status: string }>(
        'select status from delivery where endpoint_id = $1 order by position',
        [endpoint],
      );
      return rows.map(({ status }) => status);
    },
    async kinds(prefix) {
      const rows = await db.query<{ kind: string }>(
        'select kind from audit_trail where starts_with(kind, $1) order by id',
        [prefix],
      );
      return rows.map(({ kind }) => kind);
    },
    async drop() {
      await client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await database.drop();
    },
  };
  return rig;
}
