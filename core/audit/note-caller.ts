/** Callers beside what they do: that they came, and what was refused to them. */
import type { Actor } from './actor.ts';
import { audit } from './audit.ts';
import type { Queryable } from '../platform/db.ts';

type Known = Actor & { readonly requestId: string };

/** The first time that a process meets a token. `until`: for how long it is good. */
export const noteSignIn = (q: Queryable, caller: Known, until: Date, at: Date): Promise<void> =>
  audit.append(q, {
    ...{ kind: 'caller.signed-in', subject: caller.requestId, actor: caller, at },
    body: { until },
  });

/** `fields`: root fields of the API that were asked for, one of which was refused. */
export const noteRefusal = (q: Queryable, caller: Known, fields: readonly string[], at: Date): Promise<void> =>
  audit.append(q, {
    ...{ kind: 'caller.refused', subject: caller.requestId, actor: caller, at },
    body: { fields },
  });
