/**
 * The same act asked for twice happens once. The key is inserted first, in the transaction of the act: a second caller at
 * the same moment waits for the first to commit and then gets its answer; an act that fails takes its key back with it.
 */
import type { Clock } from './clock.ts';
import type { Tx } from './db.ts';
import { AppError, badInput } from './errors.ts';
import type { Keyring } from './keyring.ts';

export interface IdempotentCall {
  /** Keys are unique per organisation and caller: another caller's equal key is another act. */
  readonly organisationId: string;
  readonly subject: string;
  readonly key: string;
  /** The mutation's name. */
  readonly operation: string;
  /** All its arguments but the key; kept as a keyed hash only. */
  readonly input: unknown;
}

export interface Outcome<T> {
  readonly result: T;
  /** True when `result` is that of the first call. */
  readonly replayed: boolean;
}

/** After so long a key counts as never used, whether or not its row is gone (`retention.idempotency`). */
const KEPT_DAYS = 30;
const MAX_KEY_LENGTH = 255;

/** Equal inputs give equal text, whatever order their fields came in; absent and undefined are the same. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value instanceof Date) return JSON.stringify(value);
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

// One that is too old counts no more, nor one without a result: its act was not stored (`Tx` says how that can be).
const CLAIM = `
insert into idempotency as known (organisation_id, subject, key_hash, operation, input_hash, created_at)
values ($1, $2, $3, $4, $5, $6)
on conflict (organisation_id, subject, key_hash) do update
set operation = excluded.operation, input_hash = excluded.input_hash, result = null, created_at = excluded.created_at
where known.created_at < $6::timestamptz - make_interval(days => ${KEPT_DAYS}) or known.result is null
returning true as claimed`;

/**
 * `result` must survive JSON: ids and versions, to be read again with the rights of the day. `isDone`: whether anything was done; if
 * not, the key is as if it had never been used.
 */
export async function once<T>(
  tx: Tx,
  deps: { readonly keyring: Keyring; readonly clock: Clock },
  call: IdempotentCall,
  act: () => Promise<T>,
  isDone: (result: T) => boolean = () => true,
): Promise<Outcome<T>> {
  if (call.key.length === 0 || call.key.length > MAX_KEY_LENGTH) {
    throw badInput('idempotencyKey', `\`idempotencyKey\` must have 1 to ${MAX_KEY_LENGTH} characters.`);
  }
  const identity = [call.organisationId, call.subject, deps.keyring.hash('idempotency', 'key', call.key)];
  const inputHash = deps.keyring.hash('idempotency', 'input', call.operation, canonical(call.input));
  const now = deps.clock.wall();

  const claim = await tx.maybeOne(CLAIM, [...identity, call.operation, inputHash, now]);
  if (claim) {
    const result = await act();
    if (!isDone(result)) {
      tx.send('delete from idempotency where organisation_id = $1 and subject = $2 and key_hash = $3', identity);
      return { result, replayed: false };
    }
    tx.send('update idempotency set result = $4 where organisation_id = $1 and subject = $2 and key_hash = $3', [
      ...identity,
      JSON.stringify(result),
    ]);
    return { result, replayed: false };
  }
  const first = await tx.one<{ input_hash: Buffer; result: T }>(
    'select input_hash, result from idempotency where organisation_id = $1 and subject = $2 and key_hash = $3',
    identity,
  );
  if (!first.input_hash.equals(inputHash)) {
    throw new AppError('IDEMPOTENCY_KEY_REUSED', 'This idempotencyKey was used for something else; take a new one.');
  }
  return { result: first.result, replayed: true };
}
