/** Lists of referrals as connections. */
import { listReferrals, type ListOrder, type ReferralSearch } from '../../core/referrals/list.ts';
import { openCursor, pageSize, sealCursor, USUAL_PAGE } from '../../core/platform/cursor.ts';
import { badInput } from '../../core/platform/errors.ts';
import { given } from '../kit/given.ts';
import { cutPage, toConnection, type Connection } from '../kit/connection.ts';
import type { ReferralParent, ReferralsContext } from './loaders.ts';
import type { ReferralFilter } from './resolver-types.generated.ts';

export interface Page {
  readonly first: number;
  readonly after?: string | null | undefined;
}

export function toSearch(filter: ReferralFilter | null | undefined): Omit<ReferralSearch, 'order' | 'limit'> {
  const { status, kind, light, dispute, openedFrom, openedTo, organisation, as } = filter ?? {};
  if (as && !organisation) throw badInput('filter.as', '`as` says what `organisation` is; name one.');
  return {
    ...given({ status, kind, light, openedFrom, openedTo }),
    ...(dispute ? { disputeIds: [dispute] } : {}),
    ...(organisation ? { organisation: { id: organisation, as: as ?? 'ANY' } } : {}),
  };
}

/** `list` tells cursors of different lists apart. */
export async function referralPage(
  context: ReferralsContext,
  list: string,
  search: Omit<ReferralSearch, 'order' | 'limit'>,
  order: ListOrder,
  { first, after }: Page,
): Promise<Connection<ReferralParent>> {
  const { db, keyring } = context.deps;
  const size = pageSize(first, USUAL_PAGE);
  const name = `${list} ${order}`;
  const position = after ? openCursor(keyring, name, after) : null;
  const rows = await listReferrals(db, context.organisationId, {
    ...search,
    order,
    ...(position ? { after: position } : {}),
    limit: size + 1,
  });
  const page = cutPage(rows, size);
  const sortOf = new Map(page.nodes.map(({ id, sort }) => [id, sort]));
  const found = await Promise.all(page.nodes.map(({ id }) => context.referrals.load(id)));
  return toConnection({
    nodes: found.filter((one) => one !== null),
    cursorOf: ({ id }) => sealCursor(keyring, name, { sort: sortOf.get(id) ?? '', id }),
    hasNextPage: page.hasNextPage,
    hasPreviousPage: position !== null,
    totalCount: null,
  });
}
