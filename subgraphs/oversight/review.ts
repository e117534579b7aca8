/** Lists that ask a human to look: at readers, and at what was done to figures. Each look is noted. */
import { auditedPath, noteAuditRead, requireAuditor } from '../../core/access/audit-entries.ts';
import { findUnusualReading } from '../../core/audit/unusual-reading.ts';
import { legalDay } from '../../core/platform/clock.ts';
import { openCursor, pageSize, sealCursor, USUAL_PAGE } from '../../core/platform/cursor.ts';
import { findIrregularities, IRREGULARITIES } from '../../core/referrals/irregularity.ts';
import { cutPage, toConnection } from '../kit/connection.ts';
import type { IrregularityResolvers, QueryResolvers, UnusualReadingResolvers } from './resolver-types.generated.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const USUAL_DAYS = 30;

const before = (now: Date): Date => new Date(now.getTime() - USUAL_DAYS * DAY_MS);

export const reviewQueries: Pick<QueryResolvers, 'unusualReading' | 'irregularities'> = {
  async unusualReading(_, { first, after, ...asked }, { caller, deps: { db, keyring, clock } }) {
    requireAuditor(caller);
    const size = pageSize(first, USUAL_PAGE);
    const position = after ? openCursor(keyring, 'unusualReading', after) : null;
    const now = clock.wall();
    const days = { from: asked.from ?? legalDay(before(now)), to: asked.to ?? legalDay(now) };
    await noteAuditRead(db, caller, now, { list: 'unusualReading', by: days });
    const found = await findUnusualReading(db, {
      ...days,
      under: auditedPath(caller),
      selfAndAbove: caller.organisation.selfAndAbove,
      ...(position && { after: { day: position.sort, reader: position.id } }),
      limit: size + 1,
    });
    return toConnection({
      ...cutPage(found, size),
      cursorOf: ({ day, reader }) => sealCursor(keyring, 'unusualReading', { sort: day, id: reader }),
      hasPreviousPage: position !== null,
      totalCount: null,
    });
  },
  async irregularities(_, { kind, from, to, first, after }, { caller, deps: { db, keyring, clock } }) {
    requireAuditor(caller);
    const size = pageSize(first, USUAL_PAGE);
    const position = after ? openCursor(keyring, 'irregularities', after) : null;
    // Events are dated by the business clock.
    const now = clock.business();
    const search = { kinds: kind ?? IRREGULARITIES, from: from ?? before(now), to: to ?? now };
    await noteAuditRead(db, caller, clock.wall(), { list: 'irregularities', by: search });
    const found = await findIrregularities(
      db,
      { ...caller.organisation, under: auditedPath(caller) },
      {
        ...search,
        ...(position && { after: { at: position.sort, eventId: position.id } }),
        limit: size + 1,
      },
    );
    return toConnection({
      ...cutPage(found, size),
      cursorOf: ({ sort, eventId }) => sealCursor(keyring, 'irregularities', { sort, id: eventId }),
      hasPreviousPage: position !== null,
      totalCount: null,
    });
  },
};

export const UnusualReading: UnusualReadingResolvers = {
  organisation: ({ organisationId }) => ({ id: organisationId }),
};

export const Irregularity: IrregularityResolvers = {
  referral: ({ referralId }) => ({ id: referralId }),
  actor: ({ subject, role, organisationId }) => ({ actorSubject: subject, actorRole: role, organisationId }),
};
