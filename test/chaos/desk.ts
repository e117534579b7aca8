/** What the stories are made of: acts by the API, messages of departments' systems, and waiting for what comes of them. */
import { randomUUID } from 'node:crypto';
import type { EventType } from '../../core/playbooks/playbook.ts';
import type { ReferralStatus } from '../../core/referrals/state.ts';
import type { Random } from '../../demo/county/random.ts';
import type { Asker } from '../kit/installation.ts';
import type { Api, Answer } from './api.ts';
import { CENTRE, type DepartmentCode } from './county.ts';
import type { Notes } from './notes.ts';
import type { Poster } from './post.ts';
import type { Receiver } from './receiver.ts';
import { SEEN, type Seen, type Watch } from './watch.ts';

/** By mutation: its input's type, where its words stand, and what it makes happen. */
const ACTS = {
  acceptReferral: ['ReferralActInput', 'note', 'ACCEPTED'],
  decideReturn: ['DecisionInput', 'note', 'RETURN_DECIDED'],
  redirectReferral: ['RedirectInput', 'reason', 'REDIRECTED'],
  forwardReferral: ['ForwardReferralInput', 'note', 'FORWARDED'],
  closeReferral: ['ReferralActInput', 'note', 'CLOSED'],
  rateReferral: ['RatingInput', 'comment', 'RATED'],
  recordReturnVisit: ['ReturnVisitInput', 'note', 'VISITED'],
  withdrawReferral: ['ReferralActInput', 'note', 'WITHDRAWN'],
  decideWithdrawal: ['DecisionInput', 'note', 'WITHDRAWN'],
} as const satisfies Readonly<Record<string, readonly [string, string, EventType]>>;
export type ActName = keyof typeof ACTS;

const SENT = {
  'referral.accept': ['note', 'ACCEPTED'],
  'referral.progress': ['note', 'PROGRESS'],
  'referral.return': ['note', 'RETURN_REQUESTED'],
  'referral.feedback': ['text', 'FEEDBACK'],
} as const satisfies Readonly<Record<string, readonly [string, EventType]>>;
export type SentType = keyof typeof SENT;

export interface Desk {
  readonly lot: Random;
  idOf(code: DepartmentCode): string;
  /** A dispute of its own, referred by the centre. Returns the referral's id. */
  open(lead: DepartmentCode, urgency: 'ROUTINE' | 'URGENT' | 'CRITICAL'): Promise<string>;
  /** At the version that is there; must succeed in the end. `event`: where it depends on the status. */
  act(who: Asker, name: ActName, referral: string, input?: object, event?: EventType): Promise<Seen>;
  /** Resolves when it is answered with 202. */
  send(org: DepartmentCode, type: SentType, referral: string, data?: object, expects?: Expects): Promise<void>;
  heard(org: DepartmentCode, referral: string, type: string): Promise<unknown>;
  until(who: Asker, referral: string, status: ReferralStatus): Promise<Seen>;
}
type Expects = 'APPLIED' | 'REJECTED';

export interface DeskDeps {
  readonly api: Api;
  readonly poster: Poster;
  readonly watch: Watch;
  readonly receivers: ReadonlyMap<DepartmentCode, Receiver>;
  /** By organisation code, of departments' systems. */
  readonly secrets: ReadonlyMap<string, string>;
  /** By organisation code. */
  readonly idOf: (code: string) => string;
  readonly notes: Notes;
  readonly lot: Random;
  /** After each act and each message that was answered. */
  readonly onStep: () => void;
  /** Around each wait for what others do. */
  readonly aside: <T>(wait: Promise<T>) => Promise<T>;
}

interface Acted {
  readonly act: { readonly referral: Seen; readonly replayed: boolean };
}

/** Acts that a hasty client sends twice at once. */
const HASTY = 0.05;

const OPEN_DISPUTE = `mutation ($input: OpenDisputeInput!, $key: String!) {
  openDispute(input: $input, idempotencyKey: $key) { dispute { id } } }`;
const OPEN_REFERRAL = `mutation ($input: OpenReferralInput!, $key: String!) {
  act: openReferral(input: $input, idempotencyKey: $key) { referral { ${SEEN} } replayed } }`;

let serial = 0;

export function createDesk({
  api,
  poster,
  watch,
  receivers,
  secrets,
  idOf,
  notes,
  lot,
  onStep,
  aside,
}: DeskDeps): Desk {
  /** The latest version that this desk has seen of each. */
  const versions = new Map<string, number>();
  const saw = (seen: Seen): Seen => {
    versions.set(seen.id, seen.version);
    return seen;
  };

  const newMark = (): string => `${(serial += 1)}-${randomUUID()}`;

  function noteAct(by: string, event: EventType, referral: string | null, isDone: boolean) {
    const mark = newMark();
    const note = { mark, by, event, referral, isDone };
    notes.acts.set(mark, note);
    return note;
  }

  /** The same key twice at once is one act: both must be told the same. */
  async function mutate<Data>(who: Asker, query: string, variables: object): Promise<Answer<Data>> {
    if (!lot.chance(HASTY)) return api.ask<Data>(who, query, variables);
    notes.count('acts sent twice at once');
    const [one, other] = await Promise.all([
      api.ask<Data>(who, query, variables),
      api.ask<Data>(who, query, variables),
    ]);
    if ((one.code ?? '') !== (other.code ?? ''))
      notes.violations.push(`the same key twice at once: ${one.code ?? 'done'} and ${other.code ?? 'done'}`);
    return one;
  }

  const receiverOf = (org: DepartmentCode): Receiver => {
    const receiver = receivers.get(org);
    if (!receiver) throw new Error(`${org} has no receiver.`);
    return receiver;
  };

  async function openDispute(): Promise<string> {
    const phone = String(13_000_000_000 + (serial += 1));
    const input = {
      ...{ title: '邻里纠纷', description: '混沌测试', category: 'NEIGHBOUR', channel: 'WALK_IN', place: idOf('town') },
      ...{ parties: [{ name: `当事人${phone}`, role: 'APPLICANT', phone }], allowDuplicate: true },
    };
    const { data, code } = await mutate<{ openDispute: { dispute: { id: string } | null } }>(CENTRE, OPEN_DISPUTE, {
      ...{ input, key: randomUUID() },
    });
    if (!data?.openDispute.dispute) throw new Error(`a dispute could not be opened: ${String(code)}`);
    notes.disputes += 1;
    onStep();
    return data.openDispute.dispute.id;
  }

  return {
    lot,
    idOf,

    async open(lead, urgency) {
      const dispute = await openDispute();
      const note = noteAct('centre', 'OPENED', null, false);
      const input = { dispute, kind: 'ASSIGN', lead: idOf(lead), urgency, summary: note.mark };
      const { data, code } = await mutate<Acted>(CENTRE, OPEN_REFERRAL, { input, key: randomUUID() });
      if (!data) throw new Error(`a referral could not be opened: ${String(code)}`);
      note.referral = saw(data.act.referral).id;
      note.isDone = true;
      notes.count('acts acknowledged by the API');
      onStep();
      return note.referral;
    },

    async act(who, name, referral, more = {}, event = ACTS[name][2]) {
      const [type, words] = ACTS[name];
      const query = `mutation ($input: ${type}!, $key: String!) {
        act: ${name}(input: $input, idempotencyKey: $key) { referral { ${SEEN} } replayed } }`;
      for (;;) {
        const version = versions.get(referral) ?? saw(await watch.now(who, referral)).version;
        const note = noteAct(who.org, event, referral, false);
        const input = { id: referral, expectedVersion: version, [words]: note.mark, ...more };
        const { data, code } = await mutate<Acted>(who, query, { input, key: randomUUID() });
        if (data) {
          note.isDone = true;
          notes.count('acts acknowledged by the API');
          if (data.act.replayed) notes.count('acts acknowledged by the API: replayed');
          onStep();
          return saw(data.act.referral);
        }
        // Somebody was quicker, a department's system for one; a person would look again.
        versions.delete(referral);
        if (code !== 'CONFLICT') throw new Error(`${name} by ${who.org} was refused: ${String(code)}`);
        notes.count('acts refused with CONFLICT, and made again');
      }
    },

    async send(org, type, referral, more = {}, expects = 'APPLIED') {
      const [words, event] = SENT[type];
      const note = noteAct(org, event, referral, expects === 'APPLIED');
      const id = `msg_${randomUUID()}`;
      const data = { id: referral, [words]: note.mark, ...more };
      const post = { org, id, type, data, secret: secrets.get(org) ?? '', timestamp: new Date().toISOString() };
      // One of them says everything twice, at once.
      const twice = org === 'petition-bureau';
      const statuses = await Promise.all([poster.post(post), ...(twice ? [poster.post(post)] : [])]);
      if (statuses.some((status) => status !== 202))
        throw new Error(`${type} of ${org} was answered ${statuses.join()}`);
      notes.posts.set(id, { id, org, expects });
      notes.count('messages sent in: acknowledged');
      onStep();
    },

    heard: (org, referral, type) => aside(receiverOf(org).heard(referral, type)),
    until: async (who, referral, status) => saw(await aside(watch.until(who, referral, status))),
  };
}
