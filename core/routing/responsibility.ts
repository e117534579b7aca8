/**
 * The responsibility list (责任清单): who leads on what, on which basis. A county writes it down in one YAML file; an example
 * with every setting explained is config/example/responsibility.yaml.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { ORGANISATION_KINDS, ORGANISATION_LEVELS } from '../organisations/organisation.ts';
import { parseYamlFile } from '../platform/county-config.ts';
import { AppError } from '../platform/errors.ts';
import { REFERRAL_KINDS } from '../playbooks/playbook.ts';
import { readYamlSource, type Place } from '../playbooks/yaml-source.ts';
import { DISPUTE_CATEGORIES } from './category.ts';

const Code = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'is not the code of an organisation');
const OrganisationKind = z.enum(ORGANISATION_KINDS);

/** One organisation by its code, or whichever of a kind stands nearest. */
const Target = z.union(
  [
    z.strictObject({ code: Code }),
    z.strictObject({
      kind: z.union([OrganisationKind, z.array(OrganisationKind).min(1)]).transform((kind) => [kind].flat()),
      level: z.enum(ORGANISATION_LEVELS).optional(),
      /** PLACE: the one that serves the smallest area with the dispute's place in it. COUNTY: the county's own. */
      near: z.enum(['PLACE', 'COUNTY']),
    }),
  ],
  'is neither { code } nor { kind, level?, near: PLACE or COUNTY }',
);
export type Target = z.infer<typeof Target>;

const Entry = z.strictObject({
  category: z.union(
    [z.literal('*'), z.array(z.enum(DISPUTE_CATEGORIES, 'is not a category of disputes')).min(1)],
    "is neither '*' nor a list of categories",
  ),
  /** Only for referrals of these kinds; for all when absent. */
  kind: z.array(z.enum(REFERRAL_KINDS)).min(1).optional(),
  /** Only for disputes in this organisation's area; everywhere when absent. */
  place: Code.optional(),
  lead: Target,
  assisting: z.array(Target).default([]),
  guiding: z.array(Target).default([]),
  /** Where such matters begin (分级): nearest means nearest at this level or above. */
  tier: z.enum(ORGANISATION_LEVELS).optional(),
  /** The path that law has for it (法定途径); the person concerned is told of it. */
  statutoryPath: z
    .strictObject({ name: z.string().min(1), nameZh: z.string().min(1), basis: z.string().min(1) })
    .optional(),
  legalBasis: z.string('is missing: on which article or list it rests').min(1),
});
export type ResponsibilityEntry = z.infer<typeof Entry>;
export type StatutoryPath = NonNullable<ResponsibilityEntry['statutoryPath']>;

export const ResponsibilityList = z.strictObject({
  /** Organisation → the place that it serves, where the tree does not say it: a station stands under the police, not under its town. */
  serves: z.record(Code, Code).default({}),
  entries: z.array(Entry),
});
export type ResponsibilityList = z.infer<typeof ResponsibilityList>;

export const parseResponsibilities = (text: string, file: string): ResponsibilityList =>
  parseYamlFile(text, file, ResponsibilityList);

/** Throws one BAD_USER_INPUT that lists every fault with its line. */
export function loadResponsibilities(file: string): ResponsibilityList {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError(
      'BAD_USER_INPUT',
      `responsibilities: ${basename(file)} cannot be read; give the path of a file that can.`,
      { cause },
    );
  }
  return parseResponsibilities(text, file);
}

export interface UnknownCode {
  readonly code: string;
  readonly line: number;
}

/** Codes that the list in this file names and these organisations lack: a spelling mistake, or one that has been closed. */
export function findUnknownCodes(file: string, codes: ReadonlySet<string>): UnknownCode[] {
  const source = readYamlSource(basename(file), readFileSync(file, 'utf8'));
  return namedCodes(loadResponsibilities(file))
    .filter(({ code }) => !codes.has(code))
    .map(({ code, place }) => ({ code, line: source.find(place).line }));
}

function namedCodes({ serves, entries }: ResponsibilityList): { readonly code: string; readonly place: Place }[] {
  return [
    ...Object.entries(serves).flatMap(([one, area]) =>
      [one, area].map((code) => ({ code, place: ['serves', one] satisfies Place })),
    ),
    ...entries.flatMap(({ place, lead, assisting, guiding }, index) => {
      const at = (...rest: Place): Place => ['entries', index, ...rest];
      const target = (one: Target, where: Place) =>
        'code' in one ? [{ code: one.code, place: [...where, 'code'] }] : [];
      return [
        ...(place === undefined ? [] : [{ code: place, place: at('place') }]),
        ...target(lead, at('lead')),
        ...assisting.flatMap((one, part) => target(one, at('assisting', part))),
        ...guiding.flatMap((one, part) => target(one, at('guiding', part))),
      ];
    }),
  ];
}
