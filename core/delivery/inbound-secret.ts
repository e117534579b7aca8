/** By what a department's system signs what it sends us. While it is being changed the old one is good as well. */
import type { Actor } from '../audit/actor.ts';
import { audit } from '../audit/audit.ts';
import { createBatches } from '../platform/batch.ts';
import type { Clock } from '../platform/clock.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { badInput } from '../platform/errors.ts';
import type { Keyring } from '../platform/keyring.ts';
import { makeSecret, parseVerifyingKey, type VerifyingKey } from './secret.ts';

export interface InboundSecretDeps {
  readonly keyring: Keyring;
  readonly clock: Pick<Clock, 'wall'>;
}

export interface IssueInboundSecret {
  readonly organisationId: string;
  /** How long the secret before this one stays good; 0 ends it now. */
  readonly overlapHours: number;
  readonly actor: Actor;
}

const MOST_OVERLAP_HOURS = 7 * 24;
const HOUR_MS = 60 * 60 * 1_000;
/** The newest and the one before it. */
const IN_FORCE = 2;

const contextOf = (organisationId: string): string => `inbound/${organisationId}`;

// Older ones than the last end now, whatever overlap they were promised: there are never more than two.
const END = `
update inbound_secret s set not_after = case
  when s.id = (select max(id) from inbound_secret where organisation_id = $1) then least(s.not_after, $3) else $2 end
where s.organisation_id = $1 and (s.not_after is null or s.not_after > $2)`;

const INSERT = 'insert into inbound_secret (organisation_id, secret_cipher, created_at) values ($1, $2, $3)';

/** The new secret, `whsec_…`: shown this once, kept sealed. Who may ask for it is for the caller of this to decide. */
export async function issueInboundSecret(
  tx: Tx,
  { keyring, clock }: InboundSecretDeps,
  { organisationId, overlapHours, actor }: IssueInboundSecret,
): Promise<string> {
  if (!Number.isInteger(overlapHours) || overlapHours < 0 || overlapHours > MOST_OVERLAP_HOURS)
    throw badInput('overlapHours', `\`overlapHours\` is 0 to ${MOST_OVERLAP_HOURS}.`);
  const known = await tx.maybeOne('select from organisation where id = $1 and closed_at is null', [organisationId]);
  if (!known) throw badInput('organisation', 'There is no such organisation, or it is closed.');
  await tx.lock(`inbound_secret.${organisationId}`);
  const now = clock.wall();
  await tx.query(END, [organisationId, now, new Date(now.getTime() + overlapHours * HOUR_MS)]);
  const { signing, shown } = makeSecret('V1');
  await tx.query(INSERT, [organisationId, keyring.seal('webhook', signing, contextOf(organisationId)), now]);
  await audit.append(tx, {
    kind: 'webhook.inbound_secret_issued',
    subject: organisationId,
    actor,
    at: now,
    body: { overlapHours },
  });
  return shown;
}

const FIND = `
select asked.turn, found."organisationId", found.cipher
from unnest($1::text[]) with ordinality as asked(code, turn) cross join lateral (
  select o.id as "organisationId", s.secret_cipher as cipher
  from organisation o join inbound_secret s on s.organisation_id = o.id
  where o.code = asked.code and o.closed_at is null and (s.not_after is null or s.not_after > $2)
  order by s.id desc limit ${IN_FORCE}) found`;

interface Found {
  /** Of the codes asked for: 1 for the first. */
  readonly turn: number;
  readonly organisationId: string;
  readonly cipher: Buffer;
}

const CODE = /^[a-z0-9][a-z0-9-]{0,99}$/;

export interface InboundSender {
  /** Null for somebody unknown. */
  readonly organisationId: string | null;
  readonly keys: readonly VerifyingKey[];
}

export interface InboundKeys {
  find(organisationCode: string): Promise<InboundSender>;
}

export interface InboundKeysDeps extends InboundSecretDeps {
  readonly db: Queryable;
}

/** Secrets asked for in one statement, and statements at once. */
const TOGETHER = { most: 64, atOnce: 2 };

/** Looks up and unseals as much for an organisation that is not there as for one with two secrets. */
export function createInboundKeys({ db, keyring, clock }: InboundKeysDeps): InboundKeys {
  const decoyContext = contextOf('');
  const decoy = keyring.seal('webhook', makeSecret('V1').signing, decoyContext);
  const find = createBatches(async (codes: readonly string[]) => {
    const found = await db.query<Found>(FIND, [codes, clock.wall()]);
    return codes.map((_, index) => found.filter(({ turn }) => turn === index + 1));
  }, TOGETHER);
  return {
    async find(organisationCode) {
      // What cannot be a code might not be fit for the database.
      const rows = await find(CODE.test(organisationCode) ? organisationCode : '');
      const slots = Array.from({ length: IN_FORCE }, (_, index) => rows[index] ?? null);
      const keys = slots.map((row) =>
        parseVerifyingKey(
          keyring
            .open('webhook', row?.cipher ?? decoy, row === null ? decoyContext : contextOf(row.organisationId))
            .toString(),
        ),
      );
      return { organisationId: rows[0]?.organisationId ?? null, keys: keys.slice(0, rows.length) };
    },
  };
}
