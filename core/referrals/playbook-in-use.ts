/** Versions of playbooks that referrals follow. A referral keeps the one it began with, so none of these may vanish. */
import type { Queryable } from '../platform/db.ts';
import type { Playbooks } from '../playbooks/load-playbooks.ts';

export interface PlaybookInUse {
  readonly id: string;
  readonly version: string;
  /** How many referrals that are not over. */
  readonly open: number;
}

// Reads all referrals; asked once, at start.
const IN_USE = `
select playbook_id as id, playbook_version as version, (count(*) filter (where closed_at is null))::int as open
from referral group by playbook_id, playbook_version order by playbook_id, playbook_version`;

/** Those of them that are not there: without them nobody can act on these referrals, and no clock speaks. */
export async function findMissingPlaybooks(q: Queryable, playbooks: Pick<Playbooks, 'get'>): Promise<PlaybookInUse[]> {
  const inUse = await q.query<PlaybookInUse>(IN_USE);
  return inUse.filter(({ id, version }) => playbooks.get(id, version) === null);
}
