/** Endpoints: where an organisation's system wants to be told, of what, and signed with which secret. */
import { hasRole, isCountyCentre, type Caller } from '../access/caller.ts';
import { sightOf } from '../access/role-view.ts';
import { audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { AppError, badInput } from '../platform/errors.ts';
import { newId } from '../platform/id.ts';
import type { Keyring } from '../platform/keyring.ts';
import { actsFor } from '../referrals/side.ts';
import { parseSubscription } from './message-type.ts';
import { isBarred } from './receiver.ts';
import { makeSecret, type SigningScheme } from './secret.ts';
import { TARGET_REFUSALS, type TargetPolicy } from './target.ts';

export interface Endpoint {
  readonly id: string;
  readonly organisationId: string;
  readonly url: string;
  readonly types: readonly string[];
  readonly signing: SigningScheme;
  readonly enabled: boolean;
  /** GONE: it answered 410. FAILING: five days without one success. BY_HAND. */
  readonly disabledReason: string | null;
  readonly failingSince: Date | null;
  /** Messages that are neither delivered nor given up; counted up to 10,000. */
  readonly waiting: number;
}

export interface EndpointDeps {
  readonly keyring: Keyring;
  readonly clock: Pick<Clock, 'wall'>;
  readonly policy: Pick<TargetPolicy, 'checkUrl'>;
}

export interface NewEndpoint {
  readonly organisation: string;
  readonly url: string;
  readonly types: readonly string[];
  readonly signing: SigningScheme;
  /** Attempts a second. */
  readonly ratePerSecond?: number;
}

const RATE_PER_SECOND = 50;
const MOST_RATE_PER_SECOND = 1_000;
const MOST_OVERLAP_HOURS = 30 * 24;
const HOUR_MS = 60 * 60 * 1_000;

/** The centre's people have all endpoints; a program of the centre's has its own organisation's, like any other. */
export const arrangesForAll = (caller: Caller): boolean =>
  isCountyCentre(caller) && caller.roles.some((role) => role !== 'department.system');

/** The parameters of `coveredBy`, in its order. */
export const coverage = (caller: Caller): readonly unknown[] => {
  const { path } = sightOf(caller, 'webhook');
  const { organisation } = caller;
  return [
    arrangesForAll(caller) && path === organisation.path,
    path,
    path !== organisation.path || organisation.kind === 'GOVERNMENT',
  ];
};

/** As `actsFor`, in SQL, with $1 to $3 of `coverage`: the organisation with this path is the caller's or under it; the centre has all. */
export const coveredBy = (path: string): string =>
  `($1::boolean or ${path} = $2 or (not $3::boolean and starts_with(${path}, $2)))`;

export const urlContext = (id: string): string => `url/${id}`;
export const secretContext = (id: string): string => `secret/${id}`;

const notFound = (): AppError => new AppError('NOT_FOUND', 'There is no such endpoint, or not for you.');

/** Throws FORBIDDEN: who reads, does not arrange. */
export function assertMayArrange(caller: Caller): void {
  if (!hasRole(caller, 'centre.operator', 'centre.supervisor', 'department.head', 'department.system'))
    throw new AppError('FORBIDDEN', 'Endpoints are arranged by the centre, a department’s head or its system.');
}

// Who has been accused since is not counted what it is not shown (domain rule 1).
const COLUMNS = `e.id, e.organisation_id as "organisationId", e.url_cipher as "urlCipher", e.types, e.signing, e.enabled,
  e.disabled_reason as "disabledReason", e.failing_since as "failingSince",
  (select count(*) from (
    select from delivery d where d.endpoint_id = e.id and d.status in ('PENDING', 'RETRYING', 'WAITING', 'FAILED')
      and not ${isBarred('d.dispute_id', 'o.path')} limit 10000
  ) open) as waiting`;

/** What the caller may see: its own organisation's and those under it in the same department. `ids` narrows it. */
export async function loadEndpoints(
  q: Queryable,
  { keyring }: Pick<EndpointDeps, 'keyring'>,
  caller: Caller,
  ids: readonly string[] | null = null,
): Promise<Endpoint[]> {
  const rows = await q.query<Omit<Endpoint, 'url'> & { urlCipher: Buffer }>(
    `select ${COLUMNS} from webhook_endpoint e join organisation o on o.id = e.organisation_id
     where ${coveredBy('o.path')} and ($4::text[] is null or e.id = any ($4)) order by e.created_at, e.id`,
    [...coverage(caller), ids],
  );
  return rows.map(({ urlCipher, ...row }) => ({
    ...row,
    url: keyring.open('webhook', urlCipher, urlContext(row.id)).toString(),
  }));
}

async function loadEndpoint(q: Queryable, deps: EndpointDeps, caller: Caller, id: string): Promise<Endpoint> {
  const [endpoint] = await loadEndpoints(q, deps, caller, [id]);
  if (!endpoint) throw notFound();
  return endpoint;
}

async function addSecret(tx: Tx, { keyring, clock }: EndpointDeps, id: string, signing: SigningScheme) {
  const { signing: secret, shown } = makeSecret(signing);
  await tx.query('insert into webhook_secret (endpoint_id, cipher, created_at) values ($1, $2, $3)', [
    ...[id, keyring.seal('webhook', secret, secretContext(id)), clock.wall()],
  ]);
  return shown;
}

export interface WithSecret {
  readonly endpoint: Endpoint;
  /** Shown this once. */
  readonly secret: string;
}

/** Throws BAD_USER_INPUT naming the field, NOT_FOUND for an organisation that is not the caller's to arrange. */
export async function registerEndpoint(
  tx: Tx,
  deps: EndpointDeps,
  caller: Caller,
  { organisation, url, types, signing, ratePerSecond = RATE_PER_SECOND }: NewEndpoint,
): Promise<WithSecret> {
  assertMayArrange(caller);
  const found = await tx.maybeOne<{ path: string }>('select path from organisation where id = $1', [organisation]);
  if (!found || !(arrangesForAll(caller) || actsFor(caller, found.path)))
    throw new AppError('NOT_FOUND', 'There is no such organisation, or it is not yours.');
  const refusal = deps.policy.checkUrl(url);
  if (refusal !== null) throw badInput('url', `The address ${TARGET_REFUSALS[refusal]}.`);
  if (!Number.isInteger(ratePerSecond) || ratePerSecond < 1 || ratePerSecond > MOST_RATE_PER_SECOND)
    throw badInput('ratePerSecond', 'From 1 to 1,000 attempts a second.');
  const subscription = parseSubscription(types);
  const at = deps.clock.wall();
  const id = newId('whe', at);
  await tx.query(
    `insert into webhook_endpoint (id, organisation_id, url_cipher, types, signing, created_at, rate_per_second, free_at)
     values ($1, $2, $3, $4, $5, $6, $7, $6)`,
    [id, organisation, deps.keyring.seal('webhook', url, urlContext(id)), subscription, signing, at, ratePerSecond],
  );
  const secret = await addSecret(tx, deps, id, signing);
  const body = { organisation, types: subscription, signing };
  await audit.append(tx, { kind: 'endpoint.registered', subject: id, actor: caller, at, body });
  return { endpoint: await loadEndpoint(tx, deps, caller, id), secret };
}

/** Old and new both sign until the overlap is over. With 0 the old one is good no longer. */
export async function rotateSecret(
  tx: Tx,
  deps: EndpointDeps,
  caller: Caller,
  id: string,
  overlapHours: number,
): Promise<WithSecret> {
  assertMayArrange(caller);
  if (!Number.isInteger(overlapHours) || overlapHours < 0 || overlapHours > MOST_OVERLAP_HOURS)
    throw badInput('overlapHours', 'From 0 to 720 hours.');
  const endpoint = await loadEndpoint(tx, deps, caller, id);
  const at = deps.clock.wall();
  const notAfter = new Date(at.getTime() + overlapHours * HOUR_MS);
  await tx.query('update webhook_secret set not_after = least(not_after, $2) where endpoint_id = $1', [id, notAfter]);
  const secret = await addSecret(tx, deps, id, endpoint.signing);
  await audit.append(tx, { kind: 'endpoint.rotated', subject: id, actor: caller, at, body: { overlapHours } });
  return { endpoint, secret };
}

// Enabled again it begins as if it had never failed: what waits is sent at once.
const SET_ENABLED = `
with changed as (
  update webhook_endpoint set enabled = $2, disabled_reason = case when $2 then null else 'BY_HAND' end,
    failures = 0, failing_since = null, next_probe_at = null, probing_until = null
  where id = $1 and enabled <> $2 returning id
), released as (
  update delivery d set next_attempt_at = $3 from changed
  where d.endpoint_id = changed.id and d.status = 'RETRYING' and $2 and d.leased_by is null
)
select id from changed`;

export async function setEnabled(
  tx: Tx,
  deps: EndpointDeps,
  caller: Caller,
  id: string,
  enabled: boolean,
): Promise<Endpoint> {
  assertMayArrange(caller);
  await loadEndpoint(tx, deps, caller, id);
  const at = deps.clock.wall();
  const changed = await tx.maybeOne(SET_ENABLED, [id, enabled, at]);
  const kind = enabled ? 'endpoint.enabled' : 'endpoint.disabled';
  const body = enabled ? {} : { reason: 'BY_HAND' };
  if (changed) await audit.append(tx, { kind, subject: id, actor: caller, at, body });
  return loadEndpoint(tx, deps, caller, id);
}
