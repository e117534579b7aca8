/** Messages that come in, on a database of its own: the small county of referral.ts, an engine, secrets, and a clock that stands still. */
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { createApplyInbound, type ApplyInbound, type ApplyInboundDeps } from '../../core/delivery/apply-inbound.ts';
import { issueInboundSecret } from '../../core/delivery/inbound-secret.ts';
import {
  createReceive,
  type Incoming,
  type Receive,
  type Received,
  type ReceiveDeps,
} from '../../core/delivery/receive.ts';
import { createOpenFromOutside } from '../../core/disputes/open-from-outside.ts';
import { createMarkDue } from '../../core/people/mark-due.ts';
import type { Clock } from '../../core/platform/clock.ts';
import type { Db } from '../../core/platform/db.ts';
import { createKeyring, type Keyring } from '../../core/platform/keyring.ts';
import { projectRoot } from '../../core/platform/project-root.ts';
import { loadPlaybooks } from '../../core/playbooks/load-playbooks.ts';
import { createReferralEngine, type ReferralEngine } from '../../core/referrals/engine.ts';
import { createTestDatabase } from './database.ts';
import { silentLog } from './index-rig.ts';
import { at, caller, organisations, rules, workingDays } from './referral.ts';

export interface Sent {
  readonly id?: string;
  readonly type?: string;
  readonly data?: object;
  /** Instead of type and data. */
  readonly raw?: string | Buffer | null;
  readonly secret?: string;
  readonly code?: string;
  readonly address?: string;
  readonly at?: Date;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export interface InboxRig {
  readonly url: string;
  readonly db: Db;
  readonly keyring: Keyring & { readonly opened: number };
  readonly clock: Clock & { advance(ms: number): void };
  readonly engine: ReferralEngine;
  readonly inbound: ApplyInbound;
  readonly secrets: ReadonlyMap<string, string>;
  /** Ids that were to be queued. */
  readonly announced: string[];
  receiver(more?: Partial<ReceiveDeps>): Receive;
  applier(more?: Partial<ApplyInboundDeps>): ApplyInbound;
  incoming(who: string, sent?: Sent): Incoming;
  send(who: string, sent?: Sent): Promise<Received>;
  /** Sent and stored; its id. */
  store(who: string, type: string, data: object, id?: string): Promise<string>;
  dispute(accused?: readonly string[]): Promise<string>;
  /** A referral from the centre to `lead`. */
  open(lead: string, disputeId?: string): Promise<string>;
  row(id: string): Promise<{ status: string; reason: string | null; attempts: number; bodyCipher: Buffer | null }>;
  /** What waits to be told of this type. */
  told(type: string): Promise<{ lane: string; audience: string[]; referral: string | null; body: object }[]>;
  drop(): Promise<void>;
}

const SENDERS = ['centre', 'court', 'police', 'station', 'petitions'] as const;

export async function createInboxRig(): Promise<InboxRig> {
  const database = await createTestDatabase();
  const { db, url } = database;
  const plain = createKeyring(Buffer.alloc(32, 7));
  let opened = 0;
  const keyring: InboxRig['keyring'] = {
    ...plain,
    open: (...args) => ((opened += 1), plain.open(...args)),
    unwrap: (...args) => ((opened += 1), plain.unwrap(...args)),
    get opened() {
      return opened;
    },
  };
  let now = at('09-01 09:00').getTime();
  const clock = {
    wall: () => new Date(now),
    business: () => new Date(now),
    advance: (ms: number) => {
      now += ms;
    },
  };
  for (const { id, kind, level, path, closedAt } of organisations) {
    await db.query(
      `insert into organisation (id, code, name, level, kind, path, closed_at, sources)
       values ($1, $1, $1, $2, $3, $4, $5, case when $1 = 'court' then array['COURTS'] else '{}' end)`,
      [id, level, kind, path, closedAt],
    );
  }
  const playbooks = loadPlaybooks(join(projectRoot, 'schema/playbooks'), (id) =>
    rules.all.some((rule) => rule.id === id),
  );
  const engine = createReferralEngine({ keyring, clock, playbooks, rules, workingDays });
  const secrets = new Map<string, string>();
  for (const id of SENDERS) {
    const asked = { organisationId: id, overlapHours: 0, actor: caller('centre') };
    secrets.set(id, await db.tx((tx) => issueInboundSecret(tx, { keyring, clock }, asked)));
  }
  const announced: string[] = [];
  const receiver: InboxRig['receiver'] = (more = {}) =>
    createReceive({
      ...{ db, keyring, clock, log: silentLog },
      announce: async (id) => void announced.push(id),
      ...more,
    });
  const applier: InboxRig['applier'] = (more = {}) =>
    createApplyInbound({
      ...{ db, keyring, clock, engine },
      openDispute: createOpenFromOutside({ keyring, clock }),
      recordChanged: createMarkDue({ clock }),
      ...more,
    });
  const receive = receiver();
  let serial = 0;

  const rig: InboxRig = {
    ...{ url, db, keyring, clock, engine, secrets, announced, receiver, applier },
    inbound: applier(),
    drop: () => database.drop(),
    incoming(who, sent = {}) {
      const {
        id = `msg-${++serial}`,
        type = 'referral.accept',
        data = { id: 'ref_none' },
        at: when = clock.wall(),
      } = sent;
      const rawBody = sent.raw === null ? null : Buffer.from((sent.raw ?? JSON.stringify({ type, data })) as string);
      const secret = sent.secret ?? secrets.get(who) ?? '';
      const signature = new Webhook(secret).sign(id, when, (rawBody ?? Buffer.alloc(0)).toString());
      return {
        ...{ organisationCode: sent.code ?? who, address: sent.address ?? '10.0.0.1', rawBody },
        headers: {
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(when.getTime() / 1_000)),
          'webhook-signature': signature,
          ...sent.headers,
        },
      };
    },
    send: (who, sent) => receive.receive(rig.incoming(who, sent)),
    async store(who, type, data, id) {
      const answer = await rig.send(who, { type, data, ...(id === undefined ? {} : { id }) });
      if (answer.status !== 202) throw new Error(JSON.stringify(answer));
      return answer.body.id;
    },
    async dispute(accused = []) {
      const id = `dsp_${++serial}`;
      await db.query(
        `insert into dispute (id, number, title_cipher, category, channels, opened_at, accused_ids)
         values ($1, $1, '', 'OTHER', '{}', now(), $2)`,
        [id, accused],
      );
      return id;
    },
    async open(lead, disputeId) {
      const playbook = playbooks.latest('STANDARD');
      if (!playbook) throw new Error('There is no such playbook.');
      const of = disputeId ?? (await rig.dispute());
      const { referralId } = await db.tx((tx) =>
        engine.open(tx, caller('centre'), playbook, {
          ...{ disputeId: of, kind: 'ASSIGN', from: 'centre', lead, undertaking: [], assisting: [], guiding: [] },
          ...{ urgency: 'ROUTINE', summary: '请处理。', legalBasis: '测试', parent: null, routed: null },
        }),
      );
      return referralId;
    },
    row: (id) => db.one('select status, reason, attempts, body_cipher as "bodyCipher" from inbox where id = $1', [id]),
    told: (type) =>
      db.query('select lane, audience, referral_id as referral, body from outbox where type = $1 order by position', [
        type,
      ]),
  };
  return rig;
}
