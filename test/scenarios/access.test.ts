/** Who sees whom: an accusation, a seal, a protection, a department's own. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { recordId } from '../../core/people/index-row.ts';
import { readOrganisations } from '../../demo/county/county-files.ts';
import type { OrganisationRow } from '../../demo/county/model.ts';
import { STAR_PERSON } from '../../demo/county/star.ts';
import { openInstallation, type Answer, type Asker, type Installation } from '../kit/installation.ts';
import {
  found,
  handlerOf,
  isPlain,
  knownPeople,
  OPERATOR,
  SUPERVISOR,
  UNIFIED_VIEW,
  type KnownPerson,
  type KnownRecord,
  type UnifiedView,
  type ViewOfPerson,
} from './county.ts';

let installation: Installation;
let people: readonly KnownPerson[];
let organisations: readonly OrganisationRow[];

beforeAll(async () => {
  const { dataFolder, url } = inject('installation');
  installation = await openInstallation(dataFolder, url);
  people = await knownPeople(installation.countyFolder);
  organisations = await readOrganisations(installation.countyFolder);
});
afterAll(() => installation.close());

const looksAt = async (who: Asker, citizenId: string): Promise<ViewOfPerson | null> => {
  const { data, errors } = await installation.ask<UnifiedView>(who, UNIFIED_VIEW, { number: citizenId });
  expect(errors).toEqual([]);
  return data.personByCitizenId;
};
const numbersOf = (person: ViewOfPerson | null): string[] => [
  ...(person?.courtCases?.nodes.map(({ caseNumber }) => caseNumber) ?? []),
  ...(person?.policeIncidents?.nodes.map(({ incidentNumber }) => incidentNumber) ?? []),
  ...(person?.petitions?.nodes.map(({ petitionNumber }) => petitionNumber) ?? []),
];
const normal = (number: string): string => number.normalize('NFKC').replace(/\s+/gu, '');
const shows = (person: ViewOfPerson | null, { row }: KnownRecord): boolean =>
  numbersOf(person).map(normal).includes(normal(row.number));

const disputeOf = async ({ source, row }: KnownRecord): Promise<string> => {
  const { id } = await installation.db.one<{ id: string }>(
    'select dispute_id as id from dispute_record where record_id = $1 and unlinked_at is null',
    [recordId(installation.keyring, source, row.key)],
  );
  return id;
};

/** Everywhere a person's dealings can be seen. */
const EVERYWHERE = `query ($number: String!, $dispute: ID!) {
  personByCitizenId(number: $number) {
    id
    records { source kind }
    petitions { nodes { petitionNumber } totalCount }
    disputes(first: 100) { nodes { id } totalCount }
    timeline(first: 100) { nodes { kind petition { petitionNumber } dispute { id } } totalCount }
  }
  dispute(id: $dispute) { id }
}`;
interface Everywhere {
  readonly personByCitizenId: {
    readonly id: string;
    readonly records: readonly { readonly source: string; readonly kind: string }[];
    readonly petitions: { readonly nodes: readonly { petitionNumber: string }[]; readonly totalCount: number | null };
    readonly disputes: { readonly nodes: readonly { readonly id: string }[]; readonly totalCount: number | null };
    readonly timeline: {
      readonly nodes: readonly {
        readonly kind: string;
        readonly petition: { readonly petitionNumber: string } | null;
        readonly dispute: { readonly id: string } | null;
      }[];
      readonly totalCount: number | null;
    };
  } | null;
  readonly dispute: { readonly id: string } | null;
}

const allDisputes = async (who: Asker): Promise<string[]> => {
  const ids: string[] = [];
  for (let after: string | null = null; ;) {
    const {
      data,
      errors,
    }: Answer<{ disputes: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } }> =
      await installation.ask(
        who,
        'query ($after: String) { disputes(first: 100, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }',
        { after },
      );
    expect(errors).toEqual([]);
    ids.push(...data.disputes.nodes.map(({ id }) => id));
    if (!data.disputes.pageInfo.hasNextPage) return ids;
    after = data.disputes.pageInfo.endCursor;
  }
};

const isUnder = (code: string, above: string): boolean => {
  for (
    let own = organisations.find((o) => o.code === code);
    own;
    own = organisations.find((o) => o.code === own?.parent)
  )
    if (own.code === above) return true;
  return false;
};

interface Accusation {
  readonly petitioner: KnownPerson;
  readonly record: KnownRecord;
  readonly accused: string;
}

describe('An accusation (检举控告) is absent for whoever it is against, and for those under them:', () => {
  const accusations = (): Accusation[] =>
    people.flatMap((petitioner) =>
      petitioner.records.flatMap((record) =>
        (record.row.accused ?? []).map((accused) => ({ petitioner, record, accused })),
      ),
    );

  const expectBarred = async (who: Asker, { petitioner, record }: Accusation): Promise<Everywhere> => {
    const dispute = await disputeOf(record);
    const variables = { number: petitioner.citizenId, dispute };
    const { data, errors } = await installation.ask<Everywhere>(who, EVERYWHERE, variables);
    expect(errors).toEqual([]);
    expect(data.dispute).toBeNull();
    expect(JSON.stringify(data)).not.toContain(record.row.number);
    expect(JSON.stringify(data)).not.toContain(dispute);
    const person = data.personByCitizenId;
    if (person) {
      // Counts tell no more than lists do.
      expect(person.petitions.totalCount).toBe(person.petitions.nodes.length);
      expect(person.records.filter(({ kind }) => kind === 'PETITION')).toHaveLength(person.petitions.nodes.length);
      expect(person.disputes.totalCount).toBe(person.disputes.nodes.length);
      expect(person.timeline.totalCount).toBe(person.timeline.nodes.length);
    }
    expect(await allDisputes(who)).not.toContain(dispute);
    return data;
  };

  test('of every accusation in the county, neither they nor any under them see record, dispute or count', async () => {
    expect(accusations().length).toBeGreaterThan(3);
    for (const accusation of accusations()) {
      const { accused } = accusation;
      const under = organisations.filter(({ code }) => code !== accused && isUnder(code, accused)).slice(0, 2);
      for (const code of [accused, ...under.map((o) => o.code)])
        await expectBarred(handlerOf(code, { purpose: 'petition' }), accusation);
    }
  }, 60_000);

  test('the office of an accused township, which knows the petitioner by a petition of its own, sees that one and not the other', async () => {
    const accusation = found(
      accusations().find(({ petitioner, accused }) =>
        petitioner.records.some(({ row }) => row.office === `petitions-${accused}` && !row.protected),
      ),
      'petitioner who accuses a township and has petitioned its own office',
    );
    const office = `petitions-${accusation.accused}`;
    const { personByCitizenId: person } = await expectBarred(handlerOf(office, { purpose: 'petition' }), accusation);
    expect(person?.petitions.nodes.length).toBeGreaterThan(0);
  });

  test('the centre and the bureau that received it see all of it', async () => {
    const accusation = found(accusations()[0], 'accusation');
    const dispute = await disputeOf(accusation.record);
    for (const who of [OPERATOR, handlerOf('petitions', { purpose: 'petition' })]) {
      const variables = { number: accusation.petitioner.citizenId, dispute };
      const { data } = await installation.ask<Everywhere>(who, EVERYWHERE, variables);
      expect(data.dispute).toEqual({ id: dispute });
      expect(JSON.stringify(data.personByCitizenId)).toContain(accusation.record.row.number);
      expect(data.personByCitizenId?.disputes.nodes).toContainEqual({ id: dispute });
    }
  });

  test('no supervision with a reason opens it to a supervisor of the accused', async () => {
    const accusation = found(accusations()[0], 'accusation');
    await expectBarred(
      {
        org: accusation.accused,
        roles: ['centre.supervisor'],
        subject: 'accused',
        purpose: 'supervision',
        reason: '督查',
      },
      accusation,
    );
  });

  test('one taken down at the desk against the police is absent for the police and a station that knows the accuser', async () => {
    const accuser = found(
      people.find(({ records }) => records.some((record) => record.source === 'POLICE' && isPlain(record))),
      'person known to the police',
    );
    const station = found(
      accuser.records.find((record) => record.source === 'POLICE' && isPlain(record)),
      'incident',
    ).row.office;
    const { data: place } = await installation.ask<Record<'police' | 'place', { readonly id: string }>>(
      OPERATOR,
      '{ police: organisation(code: "police") { id } place: organisation(code: "t01") { id } }',
    );
    const { data, errors } = await installation.ask<{ openDispute: { dispute: { id: string; number: string } } }>(
      OPERATOR,
      `mutation ($input: OpenDisputeInput!) {
        openDispute(input: $input, idempotencyKey: "against the police") { dispute { id number } }
      }`,
      {
        input: {
          title: '反映执法问题',
          description: '检举',
          category: 'ADMINISTRATIVE',
          channel: 'WALK_IN',
          place: place.place.id,
          parties: [{ name: accuser.name, role: 'APPLICANT', citizenId: accuser.citizenId }],
          petitionPurpose: 'ACCUSATION',
          accused: [place.police.id],
        },
      },
    );
    expect(errors).toEqual([]);
    const { id, number } = data.openDispute.dispute;
    const variables = { number: accuser.citizenId, dispute: id };
    for (const org of ['police', station]) {
      const who = handlerOf(org, { purpose: 'policing' });
      const answer = await installation.ask<Everywhere>(who, EVERYWHERE, variables);
      expect(answer.errors).toEqual([]);
      expect(answer.data.dispute).toBeNull();
      expect(answer.data.personByCitizenId?.records.map(({ source }) => source)).not.toContain('CENTRE');
      expect(answer.text).not.toContain(id);
      expect(answer.text).not.toContain(number);
      expect(await allDisputes(who)).not.toContain(id);
    }
    const centre = await installation.ask<Everywhere>(OPERATOR, EVERYWHERE, variables);
    expect(centre.data.dispute).toEqual({ id });
    expect(centre.data.personByCitizenId?.records.map(({ source }) => source)).toContain('CENTRE');
  });
});

describe('A department’s handler', () => {
  test('sees the persons of the office’s own records, and nobody else without a link', async () => {
    const police = found(
      people.find(({ records }) => records.some((record) => record.source === 'POLICE' && isPlain(record))),
      'person known to the police',
    );
    const { office } = found(
      police.records.find((record) => record.source === 'POLICE' && isPlain(record)),
      'incident',
    ).row;
    const handler = handlerOf(office, { purpose: 'policing' });
    expect((await looksAt(handler, police.citizenId))?.policeIncidents?.nodes.length).toBeGreaterThan(0);
    const stranger = found(
      people.find(({ records }) =>
        records.every(({ source, row }) => source === 'CIVIL_AFFAIRS' && row.category === null),
      ),
      'person known to civil affairs alone',
    );
    expect(await looksAt(handler, stranger.citizenId)).toBeNull();
    expect(await looksAt(handlerOf('womens-federation', { purpose: 'assistance' }), police.citizenId)).toBeNull();
  });

  test('finds no stranger by name either, nor by the id somebody else was given', async () => {
    const star = found((await looksAt(OPERATOR, STAR_PERSON.citizenId)) ?? undefined, 'star');
    const who = handlerOf('trade-union', { purpose: 'assistance' });
    const { data } = await installation.ask(
      who,
      `query ($id: ID!) { person(id: $id) { id } persons(filter: { name: "${STAR_PERSON.name}" }) { nodes { id } } }`,
      { id: star.id },
    );
    expect(data).toEqual({ person: null, persons: { nodes: [] } });
  });
});

describe('Sealed, classified, protected:', () => {
  const flagged = (flag: 'sealed' | 'classified' | 'protected', source?: string): [KnownPerson, KnownRecord][] =>
    people.flatMap((person) =>
      person.records
        .filter((record) => record.row[flag] && (source === undefined || record.source === source))
        .map((record): [KnownPerson, KnownRecord] => [person, record]),
    );

  test('a sealed record is absent for the centre, whoever asks why, and there for its owner', async () => {
    const sealed = flagged('sealed');
    expect(sealed.length).toBeGreaterThan(5);
    for (const [person, record] of sealed.slice(0, 12)) {
      expect(shows(await looksAt(OPERATOR, person.citizenId), record)).toBe(false);
      const supervisor = { ...SUPERVISOR, purpose: 'supervision', reason: '督查' };
      const seen = await looksAt(supervisor, person.citizenId);
      expect(shows(seen, record)).toBe(false);
      // Absent, not greyed: not even its number of records.
      expect(seen?.policeIncidents?.withheld ?? null).toBeNull();
      const purpose = record.source === 'COURTS' ? 'litigation' : 'policing';
      expect(shows(await looksAt(handlerOf(record.row.office, { purpose }), person.citizenId), record)).toBe(true);
    }
  }, 60_000);

  test('a classified one is counted as withheld for the centre and shown to the station that holds it', async () => {
    const classified = flagged('classified', 'POLICE').filter(([person]) =>
      person.records.some((r) => isPlain(r) && r.row.category !== null),
    );
    expect(classified.length).toBeGreaterThan(0);
    for (const [person, record] of classified) {
      const seen = await looksAt(OPERATOR, person.citizenId);
      expect(shows(seen, record)).toBe(false);
      expect(seen?.policeIncidents?.withheld?.count).toBe(1);
      const owner = await looksAt(handlerOf(record.row.office, { purpose: 'policing' }), person.citizenId);
      expect(shows(owner, record)).toBe(true);
      expect(owner?.policeIncidents?.withheld).toBeNull();
    }
  });

  test('a protected one (反家庭暴力法) is absent for the centre and there for the police who have it', async () => {
    const centre = flagged('protected').filter(([, { row }]) => !row.sealed);
    expect(centre.length).toBeGreaterThan(5);
    for (const [person, record] of centre.slice(0, 12))
      expect(shows(await looksAt(OPERATOR, person.citizenId), record)).toBe(false);
    const [person, record] = found(flagged('protected', 'POLICE')[0], 'incident of violence at home');
    const owner = handlerOf(record.row.office, { purpose: 'policing' });
    expect(shows(await looksAt(owner, person.citizenId), record)).toBe(true);
  }, 60_000);
});
