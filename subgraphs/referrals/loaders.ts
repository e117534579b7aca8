/** What the resolvers of referrals share in one request. */
import DataLoader from 'dataloader';
import type { Caller } from '../../core/access/caller.ts';
import { decideFields, type FieldDecision } from '../../core/access/field-groups.ts';
import { sightOf } from '../../core/access/role-view.ts';
import type { Rules } from '../../core/calendar/load-rules.ts';
import { loadEndpoints, type Endpoint, type EndpointDeps } from '../../core/delivery/endpoint.ts';
import type { Look } from '../../core/delivery/lane.ts';
import {
  readAttempts,
  readDeliveries,
  type ReadAttempt,
  type ReadDelivery,
} from '../../core/delivery/read-deliveries.ts';
import type { InboundDelivery } from '../../core/delivery/read-inbox.ts';
import type { Organisation } from '../../core/organisations/organisation.ts';
import type { ReferenceData } from '../../core/organisations/reference-data.ts';
import { legalDay, type Clock } from '../../core/platform/clock.ts';
import type { Db } from '../../core/platform/db.ts';
import type { Keyring } from '../../core/platform/keyring.ts';
import type { Playbooks } from '../../core/playbooks/load-playbooks.ts';
import type { Playbook } from '../../core/playbooks/playbook.ts';
import type { ReferralEngine } from '../../core/referrals/engine.ts';
import {
  loadChildren,
  loadEvents,
  loadReferrals,
  type SeenEvent,
  type SeenReferral,
} from '../../core/referrals/read.ts';
import { loadEventPlaces } from '../../core/referrals/log-place.ts';
import type { Clock as ReferralClock } from '../../core/referrals/state.ts';
import type { ResponsibilityList } from '../../core/routing/responsibility.ts';
import type { SubgraphContext } from '../../core/subgraph.ts';
import { group } from '../kit/group.ts';

export interface ReferralsDeps {
  readonly db: Db;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly reference: ReferenceData;
  readonly playbooks: Playbooks;
  readonly rules: Rules;
  readonly responsibilities: ResponsibilityList;
  readonly engine: ReferralEngine;
  /** Says at once that messages wait in these lanes; lost, they only wait for the next sweep. */
  readonly announce: (lanes: readonly string[]) => void;
  /** The same of deliveries that can be sent now. */
  readonly announceDeliveries: (looks: readonly Look[]) => void;
  readonly endpoints: EndpointDeps;
}

export type ReferralParent = SeenReferral;
export type EventParent = SeenEvent;
export interface ChainParent {
  /** The one asked for. */
  readonly asked: string;
  readonly root: SeenReferral;
  readonly referrals: readonly SeenReferral[];
  readonly events: readonly SeenEvent[];
}
export type ActorParent = SeenEvent['actor'];
export type ClockParent = ReferralClock;
export type PlaybookParent = Playbook;
export type EndpointParent = Endpoint;
export type DeliveryParent =
  (ReadDelivery & { readonly direction: 'OUT' }) | (InboundDelivery & { readonly direction: 'IN' });
/** Another subgraph's entity. */
export interface Stub {
  readonly id: string;
}

export interface ReferralsContext extends SubgraphContext {
  readonly deps: ReferralsDeps;
  readonly caller: Caller;
  /** As which organisation the caller comes to referrals. */
  readonly organisationId: string;
  /** Null: not the caller's to see. */
  readonly referrals: DataLoader<string, SeenReferral | null>;
  readonly children: DataLoader<string, readonly SeenReferral[]>;
  readonly events: DataLoader<string, readonly SeenEvent[]>;
  /** Feedback, ratings and visits: all of them, however long the story is. */
  readonly results: DataLoader<string, readonly SeenEvent[]>;
  /** Of a referral: by event, its place in the audit log. */
  readonly places: DataLoader<string, ReadonlyMap<string, number>>;
  readonly organisations: DataLoader<string, Organisation | null>;
  /** Null: not the caller's to see. */
  readonly endpoints: DataLoader<string, Endpoint | null>;
  allEndpoints(): Promise<Endpoint[]>;
  readonly deliveries: DataLoader<string, DeliveryParent | null>;
  readonly attempts: DataLoader<string, readonly ReadAttempt[]>;
  fields(): Promise<FieldDecision>;
}

export function createReferralsContext(deps: ReferralsDeps, caller: Caller): ReferralsContext {
  const { db, keyring, reference, clock } = deps;
  const { organisationId } = sightOf(caller, 'referral');
  return {
    deps,
    caller,
    organisationId,
    referrals: new DataLoader(async (ids) => {
      const found = await loadReferrals(db, organisationId, ids);
      return ids.map((id) => found.get(id) ?? null);
    }),
    children: new DataLoader(async (ids) =>
      group(ids, await loadChildren(db, organisationId, ids), (row) => row.parentId),
    ),
    events: new DataLoader(async (ids) => group(ids, await loadEvents(db, keyring, ids), (row) => row.referralId)),
    results: new DataLoader(async (ids) =>
      group(ids, await loadEvents(db, keyring, ids, ['FEEDBACK', 'RATED', 'VISITED']), (row) => row.referralId),
    ),
    places: new DataLoader(async (ids) => {
      const found = await loadEventPlaces(db, ids);
      return ids.map((id) => found.get(id) ?? new Map<string, number>());
    }),
    organisations: new DataLoader(async (ids) => {
      const found = await reference.organisationsById(ids);
      return ids.map((id) => found.get(id) ?? null);
    }),
    endpoints: new DataLoader(async (ids) => {
      const found = await loadEndpoints(db, deps, caller, ids);
      return ids.map((id) => found.find((one) => one.id === id) ?? null);
    }),
    allEndpoints: () => loadEndpoints(db, deps, caller),
    deliveries: new DataLoader(async (ids) => {
      const found = await readDeliveries(db, caller, { ids, limit: ids.length });
      return ids.map((id) => {
        const delivery = found.find((one) => one.id === id);
        return delivery ? { ...delivery, direction: 'OUT' as const } : null;
      });
    }),
    attempts: new DataLoader(async (ids) => {
      const found = await readAttempts(db, ids);
      return ids.map((id) => found.get(id) ?? []);
    }),
    async fields() {
      const { agreements } = await reference.bases();
      return decideFields(caller, agreements, legalDay(clock.business()));
    },
  };
}
