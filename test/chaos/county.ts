/** A small county of the run's own: a centre that refers matters, and five departments that each have a system. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Asker } from '../kit/installation.ts';

export const CENTRE: Asker = { org: 'centre', roles: ['centre.operator'], subject: 'operator', purpose: 'mediation' };

export const handlerOf = (org: string): Asker => ({ org, roles: ['department.handler'], subject: `handler of ${org}` });
export const headOf = (org: string): Asker => ({ org, roles: ['department.head'], subject: `head of ${org}` });

/** Who has an endpoint, and how its system misbehaves. */
export const DEPARTMENTS = {
  court: 'fails',
  police: 'hangs',
  'petition-bureau': 'answers twice',
  'civil-affairs': 'restarts',
  justice: 'is well',
} as const;
export type DepartmentCode = keyof typeof DEPARTMENTS;
export type Temper = (typeof DEPARTMENTS)[DepartmentCode];
export const DEPARTMENT_CODES = Object.keys(DEPARTMENTS) as readonly DepartmentCode[];

const ORGANISATIONS = `
- { code: county, name: 混沌县, level: COUNTY, kind: GOVERNMENT, parent: null, sources: [] }
- { code: centre, name: 混沌县综治中心, level: COUNTY, kind: CENTRE, parent: county, sources: [CENTRE] }
- { code: court, name: 混沌县人民法院, level: COUNTY, kind: COURT, parent: county, sources: [] }
- { code: police, name: 混沌县公安局, level: COUNTY, kind: POLICE, parent: county, sources: [] }
- { code: petition-bureau, name: 混沌县信访局, level: COUNTY, kind: PETITION_BUREAU, parent: county, sources: [] }
- { code: civil-affairs, name: 混沌县民政局, level: COUNTY, kind: CIVIL_AFFAIRS, parent: county, sources: [CIVIL_AFFAIRS] }
- { code: justice, name: 混沌县司法局, level: COUNTY, kind: JUSTICE_OFFICE, parent: county, sources: [] }
- { code: town, name: 混沌镇, level: TOWNSHIP, kind: GOVERNMENT, parent: county, sources: [] }
`;

const RESPONSIBILITIES = `
entries:
  - { category: '*', lead: { code: justice }, legalBasis: 县级部门责任清单 }
`;

// A county names at least one department's system; this one never delivers anything.
const CONFIG = `
organisations: organisations.yaml
responsibilities: responsibilities.yaml
departments:
  civil-affairs: { drop: { type: directory, path: drop } }
agreements: []
`;

/** Writes the county's files; returns the path for MAPLEBRIDGE_CONFIG. */
export function writeCounty(folder: string): string {
  const drop = join(folder, 'drop');
  mkdirSync(drop, { recursive: true });
  writeFileSync(join(folder, 'organisations.yaml'), ORGANISATIONS);
  writeFileSync(join(folder, 'responsibilities.yaml'), RESPONSIBILITIES);
  const file = join(folder, 'maplebridge.config.yaml');
  writeFileSync(file, CONFIG.replace('path: drop', `path: ${JSON.stringify(drop)}`));
  return file;
}
