/** A matter that went through a hundred hands: one referral and ninety-nine below it, each with its story. */
import { join } from 'node:path';
import { createKeyring, type Keyring } from '../../../core/platform/keyring.ts';
import type { Db } from '../../../core/platform/db.ts';
import { projectRoot } from '../../../core/platform/project-root.ts';
import { loadPlaybooks } from '../../../core/playbooks/load-playbooks.ts';
import type { Act } from '../../../core/referrals/act.ts';
import { createReferralEngine } from '../../../core/referrals/engine.ts';
import { at, caller, organisations, rules, workingDays } from '../../kit/referral.ts';

export const chainKeyring: Keyring = createKeyring(Buffer.alloc(32, 7));

/** Returns the root's id. */
export async function storeLongChain(db: Db, referrals: number): Promise<string> {
  const now = at('09-01 09:00');
  const playbooks = loadPlaybooks(join(projectRoot, 'schema/playbooks'), (id) =>
    rules.all.some((rule) => rule.id === id),
  );
  const playbook = playbooks.latest('STANDARD');
  if (!playbook) throw new Error('There is no STANDARD playbook.');
  const clock = { business: () => now, wall: () => new Date() };
  const engine = createReferralEngine({ keyring: chainKeyring, clock, playbooks, rules, workingDays });
  for (const { id, kind, level, path, closedAt } of organisations)
    await db.query(
      'insert into organisation (id, code, name, level, kind, path, closed_at) values ($1, $1, $1, $2, $3, $4, $5)',
      [id, level, kind, path, closedAt],
    );
  await db.query(
    `insert into dispute (id, number, title_cipher, category, channels, opened_at) values ('dsp_1', 'D1', '', 'OTHER', '{}', now())`,
    [],
  );
  const open = async (from: string, lead: string, parent: string | null): Promise<string> => {
    const { referralId } = await db.tx((tx) =>
      engine.open(tx, caller(from), playbook, {
        ...{ disputeId: 'dsp_1', kind: 'ASSIGN', from, lead, undertaking: [], assisting: [], guiding: [] },
        ...{ urgency: 'ROUTINE', summary: '请处理。', legalBasis: '测试', parent, routed: null },
      }),
    );
    return referralId;
  };
  const act = (who: string, id: string, what: Act): Promise<unknown> =>
    db.tx((tx) => engine.act(tx, caller(who), { id, expectedVersion: null }, what));
  const root = await open('centre', 'police', null);
  await act('police', root, { type: 'ACCEPT' });
  for (let count = 1; count < referrals; count++) {
    const child = await open('police', 'street', root);
    await act('street', child, { type: 'ACCEPT' });
    for (const note of ['已联系双方。', '双方愿意谈。', '签了协议。'])
      await act('street', child, { type: 'PROGRESS', note });
  }
  return root;
}
