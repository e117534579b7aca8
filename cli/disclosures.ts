import type { Command } from 'commander';
import { audit } from '../core/audit/audit.ts';
import { loadDisclosuresOfPerson, type PersonDisclosure } from '../core/disputes/disclosures-of-person.ts';
import { loadOrganisationsById, type Organisation } from '../core/organisations/organisation.ts';
import { systemClock } from '../core/platform/clock.ts';
import type { Db } from '../core/platform/db.ts';
import { AppError } from '../core/platform/errors.ts';
import { newId } from '../core/platform/id.ts';
import { loadKeyring } from '../core/platform/key-folder.ts';
import { withDatabase } from './with-database.ts';

const HELP = `
One line of JSON for each time something of the person was shown, newest first; keys in the order of the alphabet:
  at            when, UTC
  fieldGroups   what: identity, contact, identifier, address, courts, police, petitions, civil-affairs, disputes, referrals,
                timeline, records, party (the part played in a matter), search (found by name or number), existence;
                ….masked where the number was masked
  link          why the reader may see it: OWN_RECORD, DISPUTE, REFERRAL, SUPERVISION; null where it is not known
  organisation  code and name of the organisation that it was shown to
  purpose       what for; null where none need be said

Left out, by law, is what came about through a record or dispute of a child, of a protected person, of domestic violence or an
accusation, unless the person is the one who claims; and the names of the officials who read. Auditors see all of it
(the query disclosures). Each export is itself written down in the audit log.`;

const PAGE = 1_000;

/** Sorted keys, no spaces: the same list is the same bytes. */
export const toLine = (
  { at, fieldGroups, link, organisationId, purpose }: PersonDisclosure,
  organisations: ReadonlyMap<string, Pick<Organisation, 'code' | 'name'>>,
): string => {
  const { code = null, name = null } = organisations.get(organisationId) ?? {};
  return JSON.stringify({ at: at.toISOString(), fieldGroups, link, organisation: { code, name }, purpose });
};

/** Page by page, so that a long list needs no more memory than a short one. Throws NOT_FOUND for nobody. */
export async function exportDisclosures(
  db: Db,
  load: (after: PersonDisclosure | undefined) => Promise<readonly PersonDisclosure[] | null>,
  person: string,
  say: (line: string) => void,
): Promise<void> {
  const first = await load(undefined);
  if (first === null)
    throw new AppError('NOT_FOUND', 'There is no such person; give the id that the API shows (per_…).');
  // Written down before anything is given.
  await audit.append(db, {
    ...{ kind: 'disclosures.exported', subject: newId('exp', systemClock.wall()), actor: null },
    ...{ at: systemClock.wall(), body: {}, about: [person] },
  });
  for (let page: readonly PersonDisclosure[] = first; page.length > 0; page = (await load(page.at(-1))) ?? []) {
    const ids = [...new Set(page.map(({ organisationId }) => organisationId))];
    const organisations = new Map((await loadOrganisationsById(db, ids)).map((one) => [one.id, one]));
    for (const row of page) say(toLine(row, organisations));
  }
}

const run = (person: string): Promise<void> =>
  withDatabase(({ config, db }) => {
    const keyring = loadKeyring(config.keysFolder, { create: false });
    const load = (after: PersonDisclosure | undefined) =>
      loadDisclosuresOfPerson(db, keyring, person, {
        toldOnly: true,
        lookedAtBy: null,
        limit: PAGE,
        ...(after && { after }),
      });
    return exportDisclosures(db, load, person, (line) => void process.stdout.write(`${line}\n`));
  });

export function addDisclosuresCommand(program: Command): void {
  program
    .command('disclosures')
    .argument('<person>', 'the id that the API shows: per_…')
    .description('print who was shown what of a person, for the person (PIPL 45)')
    .addHelpText('after', HELP)
    .action(run);
}
