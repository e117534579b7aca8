/** Every answer on its way out: whom it shows is written down first, and what was added to find that out is taken out again. */
import { getOperationAST, OperationTypeNode } from 'graphql';
import type { DocumentNode } from 'graphql';
import { LINKS, type Link, type Shown } from '../../core/audit/disclosure.ts';
import type { WriteDisclosure } from '../../core/audit/disclosure-writer.ts';
import type { PersonKeys } from '../../core/audit/person-keys.ts';
import { citizenIdHash } from '../../core/people/index-row.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { AppError } from '../../core/platform/errors.ts';
import type { Keyring } from '../../core/platform/keyring.ts';
import type { GatewayHooks } from '../executor/gateway-hooks.ts';
import { addIds, isAbout, takeOut } from './added-fields.ts';
import { disclosuresOf, type Seen } from './disclosures-of.ts';
import { toldOf } from './told-errors.ts';

export interface DisclosureHooksDeps {
  readonly write: WriteDisclosure;
  /** Who is found is shown before long. */
  readonly expect: PersonKeys['expect'];
  readonly keyring: Keyring;
  readonly clock: Pick<Clock, 'wall'>;
}

const isLink = (text: string): text is Link => (LINKS as readonly string[]).includes(text);

/** The link to the person themselves where it is known, else to whom or what they were found under. */
function withLink({ under, ...seen }: Seen, links: ReadonlyMap<string, Link>): Shown {
  const direct = seen.personId === null ? undefined : links.get(seen.personId);
  const above = under === null ? null : isLink(under) ? under : (links.get(under) ?? null);
  return { ...seen, link: direct ?? above };
}

const hashOf = (keyring: Keyring, number: string): string | null =>
  citizenIdHash(keyring, number)?.toString('hex') ?? null;

/** An act is stored before its answer is made; only the answer can still be withheld. */
function saysThatItWasDone(cause: unknown): never {
  throw new AppError(
    'INTERNAL',
    'What you did is stored, but whom the answer shows could not be written down, so it is not shown. Send it again with the same idempotencyKey.',
    { retryable: true, cause },
  );
}

export function createDisclosureHooks({ write, expect, keyring, clock }: DisclosureHooksDeps): Required<GatewayHooks> {
  const aliases = new WeakMap<DocumentNode, string>();
  return {
    prepareDocument(document, schema) {
      const prepared = addIds(document, schema);
      aliases.set(prepared.document, prepared.alias);
      return prepared.document;
    },
    personsFound: expect,
    async beforeAnswer({ caller, document, operationName, variables, schema, data, errors, links }) {
      const { seen, lookedUp } = disclosuresOf(document, variables, schema, data, operationName);
      // An error within somebody says that they were found, so they were looked up.
      const failed = new Set(errors.flatMap(({ path }) => (path?.length === 1 ? [path[0]] : [])));
      const sought = lookedUp.filter(({ field }) => !failed.has(field)).map(({ number }) => hashOf(keyring, number));
      const hashes = [...new Set(sought.filter((hash) => hash !== null))];
      if (seen.length > 0 || hashes.length > 0) {
        if (!caller) throw new AppError('UNAUTHENTICATED', 'People are shown to nobody without a name.');
        const shown = seen.map((one) => withLink(one, links));
        const disclosure = { reader: caller, at: clock.wall(), shown, lookedUp: hashes };
        const acted = getOperationAST(document, operationName)?.operation === OperationTypeNode.MUTATION;
        await (acted ? write(disclosure).catch(saysThatItWasDone) : write(disclosure));
      }
      const alias = aliases.get(document);
      if (alias === undefined) return { data, errors: toldOf(errors, data) };
      takeOut(alias, data);
      return {
        data,
        errors: toldOf(
          errors.filter(({ path }) => !isAbout(alias, path)),
          data,
        ),
      };
    },
  };
}
