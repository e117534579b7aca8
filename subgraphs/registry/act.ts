/** How acts of this room are done. */
import { mayAct } from '../../core/access/caller.ts';
import { audit } from '../../core/audit/audit.ts';
import type { Tx } from '../../core/platform/db.ts';
import { AppError } from '../../core/platform/errors.ts';
import { once, type Outcome } from '../../core/platform/idempotency.ts';
import type { RegistryContext } from './loaders.ts';

export interface Act {
  readonly operation: string;
  readonly key: string;
  readonly input: unknown;
  /** Of whom it is noted when it is refused as an attempt to pass an accusation to the accused; once it is known. */
  readonly subject: string | (() => string);
}

/** The act left nothing, so this stands by itself: attempts are written down (domain rule 1). */
async function noteRefusal(
  { caller, deps: { db, clock } }: RegistryContext,
  { operation, subject }: Pick<Act, 'operation' | 'subject'>,
  error: unknown,
): Promise<void> {
  if (!(error instanceof AppError) || error.code !== 'ROUTING_FORBIDDEN') return;
  await audit.append(db, {
    ...{ kind: 'routing.refused', actor: caller, at: clock.wall() },
    subject: typeof subject === 'string' ? subject : subject(),
    // The request's id cannot be guessed, and the hash of this entry is open to everybody.
    body: { operation, request: caller.requestId },
  });
}

/** Once per idempotency key, in one transaction with its audit entry. Whoever may not act is FORBIDDEN. */
export async function act<T>(
  context: RegistryContext,
  { operation, key, input, subject }: Act,
  run: (tx: Tx) => Promise<T>,
  isDone?: (result: T) => boolean,
): Promise<Outcome<T>> {
  const { caller, deps } = context;
  if (!mayAct(caller)) throw new AppError('FORBIDDEN', 'Your role looks at disputes; it does not act on them.');
  const call = { organisationId: caller.organisation.id, subject: caller.subject, key, operation, input };
  try {
    return await deps.db.tx((tx) => once(tx, deps, call, () => run(tx), isDone));
  } catch (error) {
    await noteRefusal(context, { operation, subject }, error);
    throw error;
  }
}

/** What an earlier part of the same request was answered with stands no more. */
export function forget(context: RegistryContext): void {
  const { persons, people, disputes, disputeRecords, disputesOfPerson, disputeOfRecord } = context;
  for (const loader of [persons, people, disputes, disputeRecords, disputesOfPerson, disputeOfRecord])
    loader.clearAll();
}
