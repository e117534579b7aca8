/** The list of who was shown what of a person; looking at it is an entry of the audit log, stored before the list is given. */
import { hasRole, isCountyCentre, type Caller } from '../../core/access/caller.ts';
import { auditedPath } from '../../core/access/audit-entries.ts';
import { requirePurpose } from '../../core/access/purpose.ts';
import { loadVisiblePersons } from '../../core/access/visible-person.ts';
import { audit } from '../../core/audit/audit.ts';
import { createDisclosureWriter } from '../../core/audit/disclosure-writer.ts';
import { loadDisclosuresOfPerson } from '../../core/disputes/disclosures-of-person.ts';
import { openCursor, pageSize, sealCursor, USUAL_PAGE } from '../../core/platform/cursor.ts';
import { cutPage, toConnection, type Connection } from '../kit/connection.ts';
import type { DisclosureParent, OversightContext } from './loaders.ts';
import type { DisclosureResolvers, QueryResolvers } from './resolver-types.generated.ts';

interface Sight {
  /** All of the list, or what is told to the person. */
  readonly whole: boolean;
  /** Whom a supervisor sees by a written reason alone. */
  readonly withoutLink: string | null;
}

/** What of the list the caller is given; null: nothing. */
async function sightOf({ caller, deps }: OversightContext, person: string): Promise<Sight | null> {
  // Which only an auditor may state; one who is an operator as well and reads for mediation is not looking as an auditor.
  if (caller.purpose === 'audit') return { whole: true, withoutLink: null };
  if (!hasRole(caller, 'centre.supervisor') || !isCountyCentre(caller)) return null;
  const seen = (await loadVisiblePersons(deps.db, caller, [person])).get(person);
  return seen ? { whole: false, withoutLink: seen.link === 'SUPERVISION' ? seen.id : null } : null;
}

/** That there is such a person is shown by their list: without a link it is put before the auditors like any look (rule 2). */
const putBeforeAuditors = ({ caller, deps }: OversightContext, personId: string): Promise<void> =>
  createDisclosureWriter(deps)({
    ...{ reader: caller, at: deps.clock.wall(), lookedUp: [] },
    shown: [
      {
        ...{ personId, recordId: null, disputeId: null, referralId: null },
        ...{ fieldGroups: ['existence'], link: 'SUPERVISION' },
      },
    ],
  });

const nothing = (): Connection<DisclosureParent> =>
  toConnection<DisclosureParent>({
    ...{ nodes: [], cursorOf: () => '', hasNextPage: false, hasPreviousPage: false, totalCount: null },
  });

async function disclosures(
  context: OversightContext,
  person: string,
  asked: { readonly first?: number | null | undefined; readonly after?: string | null | undefined },
): Promise<Connection<DisclosureParent>> {
  const { caller, deps } = context;
  const { db, keyring, clock } = deps;
  requirePurpose(caller);
  const first = pageSize(asked.first, USUAL_PAGE);
  const list = `disclosures ${person}`;
  const position = asked.after ? openCursor(keyring, list, asked.after) : null;
  const sight = await sightOf(context, person);
  if (sight === null) return nothing();
  const { whole, withoutLink } = sight;
  const rows = await loadDisclosuresOfPerson(db, keyring, person, {
    toldOnly: !whole,
    lookedAtBy: { selfAndAbove: caller.organisation.selfAndAbove, under: auditedPath(caller) },
    ...(position && { after: { at: new Date(position.sort), id: Number(position.id) } }),
    limit: first + 1,
  });
  if (rows === null) return nothing();
  if (withoutLink !== null) await putBeforeAuditors(context, withoutLink);
  await audit.append(db, lookAt(caller, person, clock.wall(), whole));
  return toConnection({
    ...cutPage(
      rows.map((row) => ({ ...row, whole })),
      first,
    ),
    cursorOf: ({ at, id }) => sealCursor(keyring, list, { sort: at.toISOString(), id: String(id) }),
    hasPreviousPage: position !== null,
    totalCount: null,
  });
}

const lookAt = (caller: Caller, person: string, at: Date, whole: boolean) => ({
  kind: 'disclosures.read',
  subject: caller.requestId,
  about: [person],
  actor: caller,
  at,
  body: { request: caller.requestId, purpose: caller.purpose, whole },
});

export const Disclosure: DisclosureResolvers = {
  organisation: ({ organisationId }) => ({ id: organisationId }),
  subject: ({ whole, subject }) => (whole ? subject : null),
  reason: ({ whole, reason }) => (whole ? reason : null),
  record: ({ whole, recordId }) => (whole ? recordId : null),
  dispute: ({ whole, disputeId }) => (whole ? disputeId : null),
  referral: ({ whole, referralId }) => (whole ? referralId : null),
};

export const disclosureQueries: Pick<QueryResolvers, 'disclosures'> = {
  disclosures: (_, { person, ...page }, context) => disclosures(context, person, page),
};
