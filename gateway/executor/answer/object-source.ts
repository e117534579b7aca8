/**
 * The source of a maker of objects (object-maker.ts). Every place of an operation has a source of its own, so that V8 sees there one shape
 * of objects and one kind of values: what is usual is done where it stands, and only what is not asks a closure.
 */
import { ownFieldSource } from '../run/own-field.ts';
import type { FieldOfObject, Making, Usual } from './object-fields.ts';

type AnyField = FieldOfObject<never, never, never>;
type AnyMaking = Making<never, never>;

/** A value under way, in a variable of its own. */
interface Value {
  readonly variable: string;
  /** Names of what belongs to it end so. */
  readonly suffix: string;
  /** Where it stands: an expression. */
  readonly at: string;
  /** Statements that complete it, whatever it is. */
  readonly complete: string;
  /** A statement that gives up whatever holds it. */
  readonly giveUp: string;
}

/** The body of a function of `fields`, `Nothing` and `making`. */
export function writeObject(fields: readonly AnyField[], making: AnyMaking): string {
  const isLater = making.later !== undefined;
  const made = `{ ${fields.map(({ name }, index) => `${JSON.stringify(name)}: value${index}`).join(', ')} }`;
  return [
    '"use strict";',
    'const { orNull } = making;',
    isLater ? 'const { settle, thrown, abandon } = making.later;' : '',
    ...fields.map((field, index) => writeHelpers(field, index, making)),
    'return (object, run, place) => {',
    isLater ? 'let waits = false;' : '',
    ...fields.map((field, index) => writeField(field, index, making)),
    isLater ? `const made = ${made}; return waits ? settle(made) : made;` : `return ${made};`,
    '};',
  ].join('\n');
}

/** What is there once for all objects. */
function writeHelpers({ from, resolve, usual }: AnyField, index: number, making: AnyMaking): string {
  const own = `fields[${index}]`;
  const helpers = [`const complete${index} = ${own}.complete;`];
  if (from === null && resolve) helpers.push(`const resolve${index} = ${own}.resolve;`);
  if (usual) helpers.push(writeParts(usual, `${own}.usual`, String(index)));
  if (usual?.kind === 'list') helpers.push(writeList(usual, index, making));
  return helpers.join('\n');
}

function writeParts(usual: Usual<never, never>, path: string, suffix: string): string {
  if (usual.kind === 'leaf') return usual.fits.source ? '' : `const fits${suffix} = ${path}.fits;`;
  return usual.kind === 'object' ? `let make${suffix} = null;` : '';
}

function writeField({ name, from, resolve, usual }: AnyField, index: number, making: AnyMaking): string {
  const variable = `value${index}`;
  const giveUp = `return ${variable};`;
  const resolved = resolve ? `resolve${index}(object, run, place)` : 'undefined';
  const read =
    making.later && from !== null
      ? `let ${variable}; try { ${variable} = ${ownFieldSource('object', from)}; } catch (error) { ${variable} = thrown(error); }`
      : `let ${variable} = ${from === null ? resolved : ownFieldSource('object', from)};`;
  const complete =
    `${variable} = complete${index}(${variable}, run, place, object);` + writeCheck(variable, giveUp, null, making);
  const at = making.placeOfField('place', JSON.stringify(name));
  const value = { variable, suffix: String(index), at, complete, giveUp };
  return `${read} ${usual ? writeUsual(usual, value, `fields[${index}].usual`, making) : complete}`;
}

/** A function: V8 compiles it, and may leave it out, by itself. */
function writeList(
  { elements }: Extract<Usual<never, never>, { kind: 'list' }>,
  index: number,
  making: AnyMaking,
): string {
  const suffix = `OfList${index}`;
  const path = `fields[${index}].usual`;
  const at = making.placeOfElement('place', 'index');
  const giveUp = making.later ? '{ abandon(values.slice(index + 1)); return value; }' : 'return value;';
  const complete = `value = complete${suffix}(value, run, ${at}, object);` + writeCheck('value', giveUp, null, making);
  const value = { variable: 'value', suffix, at, complete, giveUp };
  return [
    `const complete${suffix} = ${path}.complete;`,
    elements ? writeParts(elements, `${path}.elements`, suffix) : '',
    `const list${index} = (values, run, place, object) => {`,
    making.later ? 'let waits = false;' : '',
    'const list = new Array(values.length);',
    'for (let index = 0; index < values.length; index += 1) {',
    'let value = values[index];',
    elements ? writeUsual(elements, value, `${path}.elements`, making) : complete,
    'list[index] = value;',
    '}',
    making.later ? 'return waits ? settle(list) : list;' : 'return list;',
    '};',
  ].join('\n');
}

function writeUsual(usual: Usual<never, never>, value: Value, path: string, making: AnyMaking): string {
  const { variable, suffix, at } = value;
  const isMissing = `${variable} === null || ${variable} === undefined`;
  const otherwise = usual.mayBeNull ? `if (${isMissing}) ${variable} = null; else {${value.complete}}` : value.complete;
  if (usual.kind === 'leaf') {
    const fits = usual.fits.source?.(variable) ?? `fits${suffix}(${variable})`;
    return `if (!(${fits})) {${otherwise}}`;
  }
  const check = writeCheck(variable, value.giveUp, usual.mayBeNull ? 'at' : null, making);
  const [is, made] =
    usual.kind === 'list'
      ? [`Array.isArray(${variable})`, `list${suffix}(${variable}, run, at, object)`]
      : [making.isObject(variable), `(make${suffix} ??= ${path}.compile())(${variable}, run, at)`];
  return `if (${is}) { const at = ${at}; ${variable} = ${made}; ${check} } else {${otherwise}}`;
}

/** What became of it; `at` where null may stand for what is not there. */
function writeCheck(variable: string, giveUp: string, at: string | null, { later }: AnyMaking): string {
  const isNothing = `if (${variable} instanceof Nothing) ${at ? `${variable} = orNull(${variable}, run, ${at});` : giveUp}`;
  if (!later) return isNothing;
  const settled = `${variable} = ${variable}.then((made) => made instanceof Nothing ? orNull(made, run, ${at}) : made);`;
  return `if (${variable} instanceof Promise) { waits = true; ${at ? settled : ''} } else ${isNothing}`;
}
