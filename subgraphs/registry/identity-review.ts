/** Who is who, as humans are asked it and decide it: side by side, with evidence, identifiers masked. */
import { maskCitizenId, maskName } from '../../core/access/mask.ts';
import { requirePurpose } from '../../core/access/purpose.ts';
import { loadVisiblePersons } from '../../core/access/visible-person.ts';
import {
  countReviews,
  findVisibleReview,
  mayDecideIdentity,
  searchReviews,
  type VisibleReview,
} from '../../core/access/visible-review.ts';
import { audit } from '../../core/audit/audit.ts';
import { decideReview, noSuchReview } from '../../core/people/decide-review.ts';
import { openReason, requireReason, type Decided, type Deciding } from '../../core/people/identity-word.ts';
import { recordId } from '../../core/people/index-row.ts';
import { JOIN_LOCK } from '../../core/people/join-people.ts';
import { usableCitizenId } from '../../core/people/normal-form.ts';
import { splitPerson } from '../../core/people/split-person.ts';
import { birthDateOf } from '../../core/platform/citizen-id.ts';
import { openCursor, pageSize, sealCursor, USUAL_PAGE } from '../../core/platform/cursor.ts';
import type { Tx } from '../../core/platform/db.ts';
import { AppError, badInput } from '../../core/platform/errors.ts';
import { cutPage, toConnection } from '../kit/connection.ts';
import { selects } from '../kit/selection.ts';
import { act, forget } from './act.ts';
import { contentOf } from './content.ts';
import { onBasis, type PersonParent, type RegistryContext } from './loaders.ts';
import { searchable } from './person.ts';
import type {
  IdentityReviewResolvers,
  MutationResolvers,
  QueryResolvers,
  RecordRefInput,
  RecordSummaryResolvers,
} from './resolver-types.generated.ts';

export const IdentityReview: IdentityReviewResolvers = {
  evidence: ({ evidence }) => [...evidence],
  reason: ({ a, b, reasonCipher }, _, { deps }) =>
    reasonCipher === null
      ? null
      : openReason(deps.keyring, { a: a.mentionId, b: b.mentionId, wrapped: a.wrapped }, reasonCipher),
};

const knowsWho = async (context: RegistryContext): Promise<boolean> =>
  (await context.basis()).fields.identity === 'CLEAR';

export const RecordSummary: RecordSummaryResolvers = {
  async name(side, _, context) {
    const { name } = contentOf(side, context);
    return (await knowsWho(context)) ? name : maskName(name);
  },
  sex: async (side, _, context) => ((await knowsWho(context)) ? side.sex : 'UNKNOWN'),
  async birthDate(side, _, context) {
    if (!(await knowsWho(context))) return null;
    const { birthDate, citizenId } = contentOf(side, context);
    const number = usableCitizenId(citizenId);
    return birthDate ?? (number === null ? null : birthDateOf(number));
  },
  citizenId(side, _, context) {
    const { citizenId } = contentOf(side, context);
    return citizenId === null ? null : maskCitizenId(citizenId);
  },
  place: ({ placeId }, _, context) => (placeId === null ? null : context.organisations.load(placeId)),
  person: ({ personId }, _, context) => context.persons.load(personId),
};

const LIST = 'identityReviews';
const COUNTED = new Set(['totalCount']);

export const identityQueries: Pick<QueryResolvers, 'identityReviews'> = {
  async identityReviews(_, { status, first, after }, context, info) {
    const { caller, deps } = context;
    requirePurpose(caller);
    const size = pageSize(first, USUAL_PAGE);
    const search = { sources: await searchable(context), status: status ?? 'OPEN' } as const;
    const list = `${LIST}/${search.status}`;
    const afterId = after ? openCursor(deps.keyring, list, after).id : '';
    const { nodes, hasNextPage } = cutPage(
      await searchReviews(deps.db, caller, { ...search, afterId, limit: size + 1 }),
      size,
    );
    return toConnection({
      nodes,
      cursorOf: ({ questionId }: VisibleReview) => sealCursor(deps.keyring, list, { sort: '', id: questionId }),
      hasNextPage,
      hasPreviousPage: Boolean(after),
      totalCount: selects(info, COUNTED) ? await countReviews(deps.db, caller, search) : null,
    });
  },
};

function requireDecider({ caller }: RegistryContext): void {
  if (mayDecideIdentity({ ...caller, purpose: null })) requirePurpose(caller);
  if (!mayDecideIdentity(caller))
    throw new AppError('FORBIDDEN', 'Who is who is decided by people who deal with people, not in your role.');
}

const deciding = ({ caller, deps: { keyring, clock } }: RegistryContext, reason: string): Deciding => ({
  keyring,
  reason: requireReason(reason),
  now: clock.wall(),
  by: {
    organisationId: caller.organisation.id,
    subject: caller.subject,
    name: caller.name,
    role: caller.roles.join(' '),
  },
});

async function noteDecided(
  { caller, deps: { clock } }: RegistryContext,
  tx: Tx,
  kind: 'identity.decided' | 'identity.split',
  { reviewId, isNew, overruled, about }: Decided,
  body: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (!isNew) return;
  await audit.append(tx, {
    ...{ kind, subject: reviewId, actor: caller, at: clock.wall(), about },
    // Taking somebody with a thousand records apart overrules a thousand at once: the first hundred, and how many.
    body: { ...body, overruled: overruled.slice(0, 100), overruledCount: overruled.length, purpose: caller.purpose },
  });
}

const noSuchPerson = (): AppError =>
  new AppError('NOT_FOUND', 'There is no such person.', { details: { field: 'id' } });

/** A person after the act, with the rights of now. */
async function personAfter(context: RegistryContext, id: string): Promise<PersonParent> {
  const person = await context.persons.load(id);
  if (!person) throw noSuchPerson();
  return person;
}

const MOST_RECORDS = 100;

/** The ids of the records named, of those that the caller sees of this person. */
function namedRecords(
  { deps: { keyring } }: RegistryContext,
  person: PersonParent,
  records: readonly RecordRefInput[],
): string[] {
  if (records.length === 0 || records.length > MOST_RECORDS)
    throw badInput('records', `Name 1 to ${MOST_RECORDS} records.`);
  const seen = new Set(person.mentions.map((mention) => mention.recordId));
  const linked = new Set(person.mentions.flatMap(({ recordId, link }) => (link === null ? [] : [recordId])));
  // A record of the desk has its id for a key.
  const ids = records.map(({ source, key }) => (source === 'CENTRE' ? key : recordId(keyring, source, key)));
  if (!ids.every((id) => seen.has(id)))
    throw badInput('records', 'These are not all records of this person; see `Person.records`.');
  const leaving = new Set(ids);
  if ([...linked].every((id) => leaving.has(id)) || ![...linked].some((id) => leaving.has(id)))
    throw badInput(
      'records',
      'On each side there must be a record that you come to by your own work: afterwards you would see only one of the two. The centre’s supervisor can do it.',
    );
  return ids;
}

export const identityMutations: Pick<MutationResolvers, 'decideIdentityReview' | 'splitPerson'> = {
  async decideIdentityReview(_, { idempotencyKey, ...input }, context) {
    requireDecider(context);
    const { id, samePerson, reason, expected } = input;
    const sources = await searchable(context);
    const { result, replayed } = await act(
      context,
      { operation: 'decideIdentityReview', key: idempotencyKey, input, subject: id },
      async (tx) => {
        await tx.lock(JOIN_LOCK);
        if (!(await findVisibleReview(tx, context.caller, { sources, id }))) throw noSuchReview();
        const asked = { reviewId: id, samePerson, ...(expected == null ? {} : { expected }) };
        const done = await decideReview(tx, deciding(context, reason), asked);
        await noteDecided(context, tx, 'identity.decided', done, { samePerson });
        return { personId: done.personId };
      },
    );
    forget(context);
    return { person: await personAfter(context, result.personId), replayed };
  },

  async splitPerson(_, { idempotencyKey, ...input }, context) {
    requireDecider(context);
    const { id, records, reason } = input;
    const { fields } = await context.basis();
    const { result, replayed } = await act(
      context,
      { operation: 'splitPerson', key: idempotencyKey, input, subject: id },
      async (tx) => {
        await tx.lock(JOIN_LOCK);
        const person = onBasis(await loadVisiblePersons(tx, context.caller, [id]), fields).get(id);
        if (!person) throw noSuchPerson();
        const recordIds = namedRecords(context, person, records);
        const done = await splitPerson(tx, deciding(context, reason), {
          ...{ personId: person.id, recordIds },
          known: person.mentions.flatMap(({ mentionId, link }) => (link === null ? [] : [mentionId])),
        });
        await noteDecided(context, tx, 'identity.split', done, { records: records.length });
        return { remaining: done.remaining, separated: done.separated };
      },
    );
    forget(context);
    const [remaining, separated] = await Promise.all([
      personAfter(context, result.remaining),
      personAfter(context, result.separated),
    ]);
    return { remaining, separated, replayed };
  },
};
