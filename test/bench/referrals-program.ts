/** What carries referrals, as `maplebridge start` wires it: the desk, the door for webhooks, and the worker, in one process. */
import fastify from 'fastify';
import { createClosing } from '../../cli/start/closing.ts';
import { createCarrying } from '../../cli/start/carrying.ts';
import { layFoundation } from '../../cli/start/foundation.ts';
import { announcer } from '../../cli/start/queues.ts';
import { startCarriers } from '../../cli/start/worker.ts';
import type { Caller } from '../../core/access/caller.ts';
import { registerEndpoint } from '../../core/delivery/endpoint.ts';
import { issueInboundSecret } from '../../core/delivery/inbound-secret.ts';
import { createReceive } from '../../core/delivery/receive.ts';
import { createTargetPolicy } from '../../core/delivery/target.ts';
import { findCallerOrganisation } from '../../core/organisations/organisation.ts';
import { loadConfig } from '../../core/platform/config.ts';
import type { Tx } from '../../core/platform/db.ts';
import { once } from '../../core/platform/idempotency.ts';
import { createLog } from '../../core/platform/log.ts';
import { createQueues, type Queues } from '../../core/platform/queue.ts';
import type { Playbook } from '../../core/playbooks/playbook.ts';
import type { Acted } from '../../core/referrals/engine.ts';
import { addInboundWebhooks } from '../../gateway/http/webhooks-in.ts';
import { createDirectQueues } from './kit/direct-queues.ts';
import { answerUsage, type Usage } from './kit/usage.ts';
import { growTo } from './kit/stored-referrals.ts';

/** An office with a system of its own. */
export interface Office {
  readonly id: string;
  readonly code: string;
  readonly secret: string;
}

export type ReferralsCommand =
  /** Referrals stored, disputes for so many more, and endpoints at this address, a path for each office. */
  | { readonly prepare: { readonly stored: number; readonly loops: number; readonly receiver: string } }
  | { readonly open: { readonly office: string } }
  | { readonly close: { readonly referral: string } };

export interface ReferralsSaid {
  readonly ready?: true;
  readonly prepared?: { readonly url: string; readonly offices: readonly Office[] };
  /** Committed at, milliseconds since 1970. */
  readonly opened?: { readonly referral: string; readonly at: number };
  readonly closed?: true;
  readonly usage?: Usage;
}

const OFFICES = 8;
/** What each acts upon: nobody needs to be told of their own acts. */
const HEARD_BY = { office: ['referral.dispatched'], desk: ['referral.feedback'] };
const UNLIMITED = { perMinute: 1e9, burst: 1e9, most: 1_000 };
const [kind] = process.argv.slice(2);

const config = loadConfig(process.env);
const log = createLog({ level: config.logLevel, out: process.stderr });
const closing = createClosing();
const foundation = await layFoundation({ config, log, closing, withDemo: false, say: () => undefined });
const { db, keyring, clock } = foundation;
const tell = answerUsage(() => db.statements);

async function openKind(): Promise<Queues> {
  if (kind === 'direct') return createDirectQueues((error) => log.warn({ error: String(error) }, 'a job failed'));
  const { databaseUrl } = foundation;
  return createQueues({ databaseUrl, redisUrl: kind === 'redis' ? config.redisUrl : null, log });
}

const queues = await openKind();
closing.add(() => queues.close());
const announce = announcer(foundation, queues);
const { engine, playbooks } = createCarrying(foundation);
startCarriers(foundation, queues, closing);

const app = fastify({ bodyLimit: 1 << 20 });
const receiving = createReceive({
  ...{ db, keyring, clock, log },
  announce: (id) => queues.queue('inbox').announce(id, 0),
  // Eight offices send from this one machine what a county sends from hundreds.
  rates: { address: UNLIMITED, organisation: UNLIMITED },
});
addInboundWebhooks(app, { receive: (incoming) => receiving.receive(incoming) });
const url = await app.listen({ host: '127.0.0.1', port: 0 });
closing.add(() => app.close());

const organisation = await findCallerOrganisation(db, 'centre');
if (!organisation) throw new Error('There is no centre.');
const centre: Caller = {
  ...{ subject: 'bench', name: null, organisation, roles: ['centre.operator', 'centre.supervisor'] },
  ...{ purpose: null, reason: null, requestId: 'bench' },
};
const ordinary = playbooks.latest('STANDARD');
if (!ordinary) throw new Error('There is no ordinary playbook.');

/** An office's endpoint and secret. */
async function connect(
  tx: Tx,
  office: { id: string; code: string },
  receiver: string,
  types: string[],
): Promise<Office> {
  const policy = createTargetPolicy({ allow: config.webhookAllow });
  await registerEndpoint(tx, { keyring, clock, policy }, centre, {
    ...{
      organisation: office.id,
      url: `${receiver}/${office.code}`,
      types,
      signing: 'V1',
      ratePerSecond: 1_000,
    },
  });
  const secret = await issueInboundSecret(
    tx,
    { keyring, clock },
    { organisationId: office.id, overlapHours: 0, actor: centre },
  );
  return { ...office, secret };
}

const disputes: string[] = [];

async function prepare({
  stored,
  loops,
  receiver,
}: {
  stored: number;
  loops: number;
  receiver: string;
}): Promise<void> {
  const rows = await db.query<{ id: string; code: string }>(
    `select id, code from organisation where kind = 'STATION' and closed_at is null order by code limit $1`,
    [OFFICES],
  );
  await growTo(db, stored);
  const made = await db.query<{ id: string }>(
    `insert into dispute (id, number, title_cipher, category, channels, opened_at)
     select 'dsp_bench_' || s || '_' || $2, 'B' || s || '-' || $2, '', 'OTHER', '{}', now() from generate_series(1, $1::integer) s returning id`,
    [loops, String(Date.now())],
  );
  disputes.push(...made.map(({ id }) => id));
  // Of an earlier part of the bench: their receiver is gone.
  await db.query(`update webhook_endpoint set enabled = false, disabled_reason = 'BY_HAND'`);
  const offices = await db.tx(async (tx) => {
    const connected: Office[] = [];
    for (const office of rows) connected.push(await connect(tx, office, receiver, HEARD_BY.office));
    await connect(tx, centre.organisation, receiver, HEARD_BY.desk);
    return connected;
  });
  // What growing leaves behind is not to be cleaned up while loops are measured.
  await db.query('vacuum (analyze)');
  tell({ prepared: { url, offices } });
}

let acts = 0;
async function act(
  operation: string,
  input: object,
  run: (tx: Tx) => Promise<Acted>,
): Promise<{ referral: string; at: number }> {
  const { result } = await db.tx((tx) => {
    const call = {
      organisationId: centre.organisation.id,
      subject: centre.subject,
      key: `${Date.now()}-${process.pid}-${++acts}`,
      operation,
      input,
    };
    return once(tx, { keyring, clock }, call, () => run(tx));
  });
  const at = Date.now();
  announce(result.lanes);
  return { referral: result.referralId, at };
}

async function open(lead: string, playbook: Playbook): Promise<void> {
  const disputeId = disputes.pop();
  if (disputeId === undefined) throw new Error('More loops than disputes.');
  const order = {
    ...{
      disputeId,
      kind: 'ASSIGN' as const,
      from: centre.organisation.id,
      lead,
      undertaking: [],
      assisting: [],
      guiding: [],
    },
    ...{ urgency: 'ROUTINE' as const, summary: '请先行调解。', legalBasis: '调解', parent: null, routed: null },
  };
  tell({ opened: await act('openReferral', order, (tx) => engine.open(tx, centre, playbook, order)) });
}

async function close(id: string): Promise<void> {
  await act('closeReferral', { id }, (tx) => engine.act(tx, centre, { id, expectedVersion: null }, { type: 'CLOSE' }));
  tell({ closed: true });
}

process.on('message', (command: ReferralsCommand | string) => {
  if (typeof command === 'string') return;
  const done =
    'prepare' in command
      ? prepare(command.prepare)
      : 'open' in command
        ? open(command.open.office, ordinary)
        : close(command.close.referral);
  done.catch((error: unknown) => {
    log.error({ error: String(error) }, 'the bench cannot go on');
    process.exit(1);
  });
});
tell({ ready: true });
process.once('SIGTERM', () => void closing.close(log).then(() => process.exit(0)));
