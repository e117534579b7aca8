import type { SeenEntry } from '../../core/access/audit-entries.ts';
import type { UnusualReading } from '../../core/audit/unusual-reading.ts';
import type { Irregularity } from '../../core/referrals/irregularity.ts';
import type { Caller } from '../../core/access/caller.ts';
import type { DepartmentHealth } from '../../core/department.ts';
import type { SourceStanding } from '../../core/organisations/source-holder.ts';
import type { PersonDisclosure } from '../../core/disputes/disclosures-of-person.ts';
import type { Clock } from '../../core/platform/clock.ts';
import type { Db } from '../../core/platform/db.ts';
import type { Keyring } from '../../core/platform/keyring.ts';
import type { SubgraphContext } from '../../core/subgraph.ts';

export interface OversightDeps {
  readonly db: Db;
  readonly keyring: Keyring;
  readonly clock: Clock;
  /** The departments, in the order in which they are shown, and how each is: known here, or asked of its own service. */
  readonly health: ReadonlyMap<string, () => Promise<DepartmentHealth>>;
}

export interface OversightContext extends SubgraphContext {
  readonly deps: OversightDeps;
  readonly caller: Caller;
}

/** `whole`: with what only auditors are shown. */
export interface DisclosureParent extends PersonDisclosure {
  readonly whole: boolean;
}

export interface SourceParent extends SourceStanding {
  readonly health: DepartmentHealth;
}

export type AuditEntryParent = SeenEntry;
export type ReadingParent = UnusualReading;
export type IrregularityParent = Irregularity;
export type ActorParent = Pick<SeenEntry, 'actorSubject' | 'actorRole' | 'organisationId'>;
/** Another subgraph's entity. */
export interface Stub {
  readonly id: string;
}
