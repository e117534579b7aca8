/** The statements we put to the bureau's views. One statement is one snapshot: a petition never comes with another's people. */
import { badInput } from '../../core/platform/errors.ts';

/** What is read of v_xf_xfj, and hashed; a column that the bureau adds changes nothing. */
const PETITION = [
  'jlid',
  'xfjbh',
  'djsj',
  'djjg',
  'wgbm',
  'nrfl',
  'nrzy',
  'xfxs',
  'xfmd',
  'blzt',
  'slsj',
  'bjqx',
  'dfsj',
  'zrdw',
  'sfjt',
  'sfbh',
  'sffc',
  'sfsm',
  'sczt',
] as const;

export interface PetitionStatements {
  /** $1 text[]: keys. */
  readonly byKey: string;
  /** $1 text: the key to go on behind, empty from the beginning; $2: how many. */
  readonly scan: string;
  readonly count: string;
  readonly ping: string;
}

export interface ViewNames {
  readonly schema: string;
  readonly petition: string;
  readonly petitioner: string;
  readonly reference: string;
  readonly accused: string;
}

function quoted(name: string): string {
  if (!/^[\p{L}_][\p{L}\p{N}_$]{0,62}$/u.test(name)) throw badInput('views', 'This is not the name of a view.');
  return `"${name}"`;
}

/** Of the page's petitions only, each one's in one JSON text: joined as sets, so that it is fast with an index and without. */
const children = (view: string, name: string, columns: readonly string[], order: string): string => `${name} as (
  select c.jlid, json_agg(row_to_json(c) order by ${order})::text as doc
    from (select jlid, ${columns.join(', ')} from ${view} where jlid in (select jlid from x)) c group by c.jlid)`;

export function petitionStatements(names: ViewNames): PetitionStatements {
  const view = (name: string): string => `${quoted(names.schema)}.${quoted(name)}`;
  const petition = view(names.petition);
  const selected = (comment: string, condition: string): string => `/* ${comment} */
with x as (select ${PETITION.join(', ')} from ${petition} ${condition}),
${children(view(names.petitioner), 'r', ['xh', 'jsdm', 'xm', 'zjhm', 'csrq', 'xb', 'lxdh', 'dz'], 'length(c.xh), c.xh')},
${children(view(names.reference), 'g', ['ly', 'bh'], 'c.ly, c.bh')},
${children(view(names.accused), 'b', ['dwdm'], 'c.dwdm')}
select ${PETITION.map((column) => `x.${column}`).join(', ')}, r.doc as xfr, g.doc as gl, b.doc as bkg
  from x left join r on r.jlid = x.jlid left join g on g.jlid = x.jlid left join b on b.jlid = x.jlid`;
  return {
    byKey: selected('by-key', 'where jlid = any($1::text[])'),
    // Ordered by bytes, as our own record of the scan is, whatever the bureau's database takes for alphabetical.
    scan: `${selected(
      'scan',
      `where jlid collate "C" > $1::text order by jlid collate "C" limit $2::int`,
    )}\n order by x.jlid collate "C"`,
    count: `/* scan */ select count(*) as zs from ${petition} where coalesce(sczt, '0') not in ('1', 'Y', 'T')`,
    // The view is named so that a right taken away shows; an empty view is well.
    ping: `/* ping */ select 1 as zt where 1 >= (select count(*) from (select 1 from ${petition} limit 1) one)`,
  };
}
