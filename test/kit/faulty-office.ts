/**
 * All that carries referrals, in one process, over a database and queues that can be made to fail at any call: subgraphs for
 * those who ask, the door for messages that come in, every worker, and departments' systems that take messages.
 */
import { join } from 'node:path';
import { execute, parse } from 'graphql';
import { Webhook } from 'standardwebhooks';
import { announcingDeliveries } from '../../cli/start/delivery.ts';
import { announcer } from '../../cli/start/queues.ts';
import type { Caller, Role } from '../../core/access/caller.ts';
import { createApplyInbound } from '../../core/delivery/apply-inbound.ts';
import { createDeliver, type Deliver } from '../../core/delivery/deliver.ts';
import { createDispatch } from '../../core/delivery/dispatch.ts';
import { issueInboundSecret } from '../../core/delivery/inbound-secret.ts';
import { createReceive } from '../../core/delivery/receive.ts';
import { createTargetPolicy } from '../../core/delivery/target.ts';
import { createWebhookClient } from '../../core/delivery/webhook-client.ts';
import { createDisputeComparing } from '../../core/disputes/compare-disputes.ts';
import { gatherDisputes } from '../../core/disputes/gather-disputes.ts';
import { shippedLinkRule } from '../../core/disputes/link-rule.ts';
import { makeDisclosureMonths } from '../../core/audit/disclosure-month.ts';
import { createOpenFromOutside } from '../../core/disputes/open-from-outside.ts';
import { createReferenceData } from '../../core/organisations/reference-data.ts';
import { createMarkDue } from '../../core/people/mark-due.ts';
import { createReadIn, type ReadIn } from '../../core/people/read-in.ts';
import type { Db } from '../../core/platform/db.ts';
import { defaultSelfJoining } from '../../core/platform/county-config.ts';
import { createKeyring } from '../../core/platform/keyring.ts';
import { projectRoot } from '../../core/platform/project-root.ts';
import { loadPlaybooks } from '../../core/playbooks/load-playbooks.ts';
import { createReferralEngine } from '../../core/referrals/engine.ts';
import { createSuperviseUndelivered } from '../../core/referrals/supervise-undelivered.ts';
import { createReferralsSubgraph } from '../../subgraphs/referrals/resolvers.ts';
import { createRegistrySubgraph } from '../../subgraphs/registry/resolvers.ts';
import { createClocksWorker } from '../../worker/clocks.ts';
import { createDeliverWorker } from '../../worker/deliver.ts';
import { createDispatchWorker } from '../../worker/dispatch.ts';
import { createInboxWorker } from '../../worker/inbox.ts';
import { createIngestWorker } from '../../worker/ingest.ts';
import { createTestDatabase } from './database.ts';
import { createFaultyDb } from './faulty-db.ts';
import { openFaultyHooks, type TakenMessage } from './faulty-hooks.ts';
import { keepDatabase } from './faulty-memory.ts';
import { createFaultyPort, type FaultyPort } from './faulty-port.ts';
import { createFaultyQueues, type FaultyQueues } from './faulty-queues.ts';
import { silentLog } from './index-rig.ts';
import { createPaperDepartment, type PaperDepartment } from './paper-department.ts';
import { at, caller, organisations, rules, workingDays } from './referral.ts';

export interface FaultyOffice {
  /** Never fails: to look, and to bring about what somebody else did. */
  readonly db: Db;
  /** The same database, as the product has it. */
  readonly productDb: Db;
  readonly port: FaultyPort;
  readonly queues: FaultyQueues;
  readonly deliver: Deliver;
  readonly courts: PaperDepartment;
  /** Without what the worker does after it. */
  readonly readIn: ReadIn;
  readonly clock: { business(): Date; wall(): Date; advance(what: 'business' | 'wall', ms: number): void };
  /** What departments' systems were sent, repetitions too; the path says whose. */
  readonly taken: TakenMessage[];
  /** Statuses by path; 204 where none is set. Null: it hangs up. */
  readonly answers: Map<string, number | null>;
  /** Called with each message before it is answered. */
  onTaken: (message: TakenMessage) => void;
  /** Where a department's system is. */
  hookOf(path: string): string;
  who(organisation: string, ...roles: readonly Role[]): Caller;
  /** Rejects with what the product threw. */
  ask<T>(room: 'referrals' | 'registry', who: Caller, query: string, variables?: object): Promise<T>;
  /** As `POST /webhooks/in/{code}`; the status. */
  post(organisation: string, id: string, type: string, data: object): Promise<number>;
  /** What a worker's timer does, for all of them or the one named. */
  sweep(name?: SweepName): Promise<void>;
  /** As it is now, under a name. */
  keep(name: string): Promise<void>;
  /** As it was when it was kept. */
  reset(name: string): Promise<void>;
  close(): Promise<void>;
}

const SWEEPS = ['clocks', 'inbox', 'dispatch', 'deliver', 'ingest'] as const;
export type SweepName = (typeof SWEEPS)[number];

const SENDERS = ['police', 'court'];
const A_DAY = 24 * 3_600_000;

export async function createFaultyOffice(): Promise<FaultyOffice> {
  const database = await createTestDatabase();
  const { db } = database;
  const port = createFaultyPort();
  // Its timers think that another process sweeps: here a sweep is made when it is asked for.
  const productDb: Db = { ...createFaultyDb(db, port), tryWithAdvisoryLock: async () => null };
  const queues = createFaultyQueues(port);
  const keyring = createKeyring(Buffer.alloc(32, 7));
  const start = at('09-01 09:00').getTime();
  let times = { business: start, wall: start };
  const clock: FaultyOffice['clock'] = {
    business: () => new Date(times.business),
    wall: () => new Date(times.wall),
    advance: (what, ms) => void (times = { ...times, [what]: times[what] + ms }),
  };

  for (const { id, kind, level, path, closedAt } of organisations)
    await db.query(
      `insert into organisation (id, code, name, level, kind, path, closed_at, sources)
       values ($1, $1, $1, $2, $3, $4, $5, case when $1 = 'court' then array['COURTS'] else '{}' end)`,
      [id, level, kind, path, closedAt],
    );
  // Made ahead by the worker.
  await makeDisclosureMonths(db, clock.wall());
  const secrets = new Map<string, string>();
  for (const id of SENDERS) {
    const asked = { organisationId: id, overlapHours: 0, actor: caller('centre') };
    secrets.set(id, await db.tx((tx) => issueInboundSecret(tx, { keyring, clock }, asked)));
  }

  const playbooks = loadPlaybooks(join(projectRoot, 'schema/playbooks'), (id) =>
    rules.all.some((rule) => rule.id === id),
  );
  const engine = createReferralEngine({ keyring, clock, playbooks, rules, workingDays });
  const policy = createTargetPolicy({ allow: ['127.0.0.1/32'] });
  const client = createWebhookClient({ policy, clock, connections: 16 });
  const dispatch = createDispatch({ db: productDb, clock, url: 'https://gateway.example.cn/graphql' });
  const deliver = createDeliver({ db: productDb, keyring, clock, client, random: () => 0.5 });
  const inbound = createApplyInbound({
    ...{ db: productDb, keyring, clock, engine },
    openDispute: createOpenFromOutside({ keyring, clock }),
    recordChanged: createMarkDue({ clock }),
  });
  const courts = createPaperDepartment('COURTS', 2);
  const readIn = createReadIn({
    ...{ db: productDb, keyring, clock, log: silentLog, departments: [courts], gatherDisputes },
    hasBasis: async () => true,
    // Read when it is said, and not because the clock went on.
    intervals: { COURTS: 365 * A_DAY },
  });
  const disputes = createDisputeComparing({
    ...{ db: productDb, keyring, clock, rule: shippedLinkRule(), selfJoining: defaultSelfJoining },
  });
  const log = silentLog;
  const announce = announcer({ log }, queues);
  // Settings: who reads them and cannot, changes nothing.
  const reference = createReferenceData(db, A_DAY);
  const rooms = {
    registry: createRegistrySubgraph({ db: productDb, keyring, clock, reference }),
    referrals: createReferralsSubgraph({
      ...{ db: productDb, keyring, clock, reference, playbooks, rules, engine, announce },
      responsibilities: { serves: {}, entries: [] },
      announceDeliveries: announcingDeliveries({ log }, queues),
      endpoints: { keyring, clock, policy },
    }),
  };
  // Everything goes by the queues, so that each step is one that can be broken.
  const working = { queues, db: productDb, log, room: 0 };
  const supervise = createSuperviseUndelivered({ keyring, clock, playbooks, rules, workingDays });
  const delivering = createDeliverWorker({ ...working, deliver, supervise, clock });
  const dispatching = createDispatchWorker({
    ...{ ...working, dispatch },
    deliver: (id, attempt) => delivering.take(id, attempt),
  });
  const tell = (lane: string): Promise<void> => dispatching.take(lane, 0);
  const workers = {
    clocks: createClocksWorker({ ...working, engine, clock, announce: tell }),
    inbox: createInboxWorker({ ...working, inbound, announce: tell }),
    dispatch: dispatching,
    deliver: delivering,
    ingest: createIngestWorker({ ...working, readIn, disputes }),
  };
  const taken: TakenMessage[] = [];
  const answers = new Map<string, number | null>();
  const hooks = await openFaultyHooks(taken, (message) => {
    office.onTaken(message);
    return answers.get(message.path) ?? (answers.has(message.path) ? null : 204);
  });

  const kept = new Map<string, { restore: () => Promise<void>; times: typeof times; taken: number }>();
  const office: FaultyOffice = {
    ...{ db, productDb, port, queues, deliver, courts, readIn, clock, taken, answers, onTaken: () => undefined },
    hookOf: (path) => `${hooks.url}${path}`,
    who: (organisation, ...roles) => ({ ...caller(organisation, ...roles), purpose: 'mediation' }),
    async ask<T>(room: keyof typeof rooms, who: Caller, query: string, variables: object = {}): Promise<T> {
      const { schema } = rooms[room];
      const contextValue = rooms[room].createContext(who);
      const { data, errors } = await execute({
        schema,
        document: parse(query),
        contextValue,
        variableValues: { ...variables },
      });
      if (errors?.[0]) throw errors[0].originalError ?? errors[0];
      return data as T;
    },
    async post(organisation, id, type, data) {
      const rawBody = Buffer.from(JSON.stringify({ type, data }));
      const now = clock.wall();
      const signature = new Webhook(secrets.get(organisation) ?? '').sign(id, now, rawBody.toString());
      // Each with rates of its own: how many came before is another test's matter.
      const door = createReceive({
        ...{ db: productDb, keyring, clock, log },
        announce: (row) => queues.queue('inbox').announce(row, 0),
      });
      const answer = await door.receive({
        ...{ organisationCode: organisation, address: '10.0.0.1', rawBody },
        headers: {
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
          'webhook-signature': signature,
        },
      });
      return answer.status;
    },
    async sweep(name) {
      for (const one of SWEEPS) if (name === undefined || name === one) await workers[one].sweep();
    },
    async keep(name) {
      kept.set(name, { ...(await keepDatabase(db, name)), times, taken: taken.length });
    },
    async reset(name) {
      const then = kept.get(name);
      if (!then) throw new Error(`Nothing was kept as ${name}.`);
      await then.restore();
      times = then.times;
      taken.length = then.taken;
      queues.forgetAll();
      answers.clear();
      office.onTaken = () => undefined;
    },
    async close() {
      await Promise.all(Object.values(workers).map((worker) => worker.stop()));
      await client.close();
      await hooks.close();
      await database.drop();
    },
  };
  return office;
}
