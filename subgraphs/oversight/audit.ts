/** The audit log's GraphQL face. */
import { noteAuditRead, requireAuditor, searchEntries, type EntrySearch } from '../../core/access/audit-entries.ts';
import { leafHash, type Hash } from '../../core/audit/log/tree.ts';
import { consistencyOf, inclusionOf, publishedLog } from '../../core/audit/read-log.ts';
import { openCursor, pageSize, sealCursor } from '../../core/platform/cursor.ts';
import { AppError, badInput } from '../../core/platform/errors.ts';
import { toAuditCheckpoint } from '../kit/audit-checkpoint.ts';
import { cutPage, toConnection } from '../kit/connection.ts';
import { given } from '../kit/given.ts';
import type { ActorResolvers, AuditEntryResolvers, AuditFilter, QueryResolvers } from './resolver-types.generated.ts';

const USUAL_ENTRIES = 50;

const toSearch = ({ kind, from, to, ...filter }: AuditFilter): Omit<EntrySearch, 'limit'> => ({
  ...given({ ...filter, kinds: kind, from: from && new Date(from), to: to && new Date(to) }),
});

/** Longer is no id of anything; it goes into the log as asked, and is looked for by its index. */
const MOST_CHARACTERS = 200;

const MOST_KINDS = 50;

function checkFilter(filter: AuditFilter): void {
  if ((filter.kind?.length ?? 0) > MOST_KINDS) throw badInput('filter.kind', `At most ${MOST_KINDS} kinds.`);
  for (const [field, value] of Object.entries(filter))
    for (const text of [value].flat())
      if (typeof text === 'string' && text.length > MOST_CHARACTERS)
        throw badInput(`filter.${field}`, `At most ${MOST_CHARACTERS} characters.`);
}

const base64 = (hash: Hash): string => hash.toString('base64');

export const auditQueries: Pick<
  QueryResolvers,
  'auditEntries' | 'auditCheckpoint' | 'auditInclusion' | 'auditConsistency'
> = {
  async auditEntries(_, { filter, first, after }, { caller, deps: { db, keyring, clock } }) {
    requireAuditor(caller);
    checkFilter(filter);
    const size = pageSize(first, USUAL_ENTRIES);
    const before = after ? { before: Number(openCursor(keyring, 'auditEntries', after).id) } : {};
    const search = { ...toSearch(filter), ...before, limit: size + 1 };
    const { person, ...by } = toSearch(filter);
    await noteAuditRead(db, caller, clock.wall(), {
      list: 'auditEntries',
      by: { ...by, isOfPerson: person !== undefined },
      about: [person, by.dispute, by.referral].flatMap((id) => id ?? []),
    });
    const { nodes, hasNextPage } = cutPage(await searchEntries(db, caller, search), size);
    return toConnection({
      nodes,
      cursorOf: ({ index }) => sealCursor(keyring, 'auditEntries', { sort: '', id: String(index) }),
      hasNextPage,
      hasPreviousPage: Boolean(after),
      totalCount: null,
    });
  },
  async auditCheckpoint(_, __, { deps: { db } }) {
    const log = await publishedLog(db);
    if (!log) throw new AppError('INTERNAL', 'Nothing of the audit log is published yet. Try again in a moment.');
    return toAuditCheckpoint(log.note);
  },
  async auditInclusion(_, { index, treeSize }, { deps: { db } }) {
    const { leaf, hashes } = await inclusionOf(db, index, treeSize);
    return { index, treeSize, leafHash: base64(leaf), hashes: hashes.map(base64) };
  },
  async auditConsistency(_, { from, to }, { deps: { db } }) {
    return { from, to, hashes: (await consistencyOf(db, from, to)).map(base64) };
  },
};

export const AuditEntry: AuditEntryResolvers = {
  actor: ({ actorSubject, actorRole, organisationId }) => ({ actorSubject, actorRole, organisationId }),
  body: ({ bytes }) => bytes.toString('utf8'),
  leafHash: ({ bytes }) => base64(leafHash(bytes)),
};

export const Actor: ActorResolvers = {
  organisation: ({ organisationId }) => (organisationId === null ? null : { id: organisationId }),
  name: () => null,
  role: ({ actorRole }) => actorRole,
  system: ({ actorSubject }) => actorSubject === null,
};
