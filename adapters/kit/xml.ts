/**
 * Reads the XML that services answer with: elements, text, CDATA, the five entities and character references. Anything
 * that could make a reader fetch or expand something (DOCTYPE, entities of its own) is refused. A general parser with its
 * validation took three times as long, which a first load of a hundred thousand cases would feel.
 */

/** Says only what is wrong; what stood there may be a person's. */
export class XmlFault extends Error {
  override readonly name = 'XmlFault';
}

interface Frame {
  readonly name: string;
  readonly nil: boolean;
  text: string;
  children: Record<string, unknown> | null;
}

const NAME = /[^\s/>=<"'&]+/y;
const ATTRIBUTE = /\s+([^\s/>=<"']+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const TAG_END = /\s*(\/?)>/y;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const MAX_DEPTH = 64;

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

const decode = (text: string): string =>
  text.includes('&')
    ? text.replace(
        /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{1,8}));?/gi,
        (whole, hex?: string, decimal?: string, name?: string) => {
          const known = name === undefined ? undefined : ENTITIES[name];
          if (known !== undefined && whole.endsWith(';')) return known;
          const point = hex === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(hex, 16);
          if (!(point <= 0x10ffff) || !whole.endsWith(';')) throw new XmlFault('an entity that is not known');
          return String.fromCodePoint(point);
        },
      )
    : text;

/**
 * An element becomes its text, or an object of its children by name without prefix (an array where repeated), or null
 * where `xsi:nil` says so, whatever the prefix. Attributes are dropped. Throws an XmlFault.
 */
export function parseXml(text: string): Readonly<Record<string, unknown>> {
  const root: Frame = { name: '', nil: false, text: '', children: {} };
  const open: Frame[] = [root];
  let frame = root;

  const attach = (parent: Frame, name: string, value: unknown): void => {
    const children = (parent.children ??= {});
    const before = Object.hasOwn(children, name) ? children[name] : undefined;
    if (before === undefined) children[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else children[name] = [before, value];
  };
  const close = (): void => {
    const done = frame;
    open.pop();
    frame = open.at(-1) ?? root;
    attach(frame, localName(done.name), done.nil ? null : (done.children ?? decode(done.text)));
  };
  /** Where `mark` begins, from `from` on. */
  const find = (mark: string, from: number): number => {
    const at = text.indexOf(mark, from);
    if (at < 0) throw new XmlFault('it breaks off');
    return at;
  };

  let position = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (;;) {
    const tag = text.indexOf('<', position);
    const before = text.slice(position, tag < 0 ? undefined : tag);
    if (frame !== root) frame.text += before;
    else if (before.trim() !== '') throw new XmlFault('text outside of the document');
    if (tag < 0) break;

    const next = text[tag + 1];
    if (next === '/') {
      const end = find('>', tag);
      if (frame === root || text.slice(tag + 2, end).trimEnd() !== frame.name) throw new XmlFault('tags do not match');
      close();
      position = end + 1;
    } else if (next === '?') {
      position = find('?>', tag) + 2;
    } else if (text.startsWith('<!--', tag)) {
      position = find('-->', tag) + 3;
    } else if (text.startsWith('<![CDATA[', tag)) {
      const end = find(']]>', tag);
      // Written as entities, so that it survives the decoding of the rest.
      frame.text += text.slice(tag + 9, end).replaceAll('&', '&amp;');
      position = end + 3;
    } else if (next === '!') {
      throw new XmlFault('a document type, which is not accepted');
    } else {
      NAME.lastIndex = tag + 1;
      const name = NAME.exec(text)?.[0];
      if (name === undefined) throw new XmlFault('a tag without a name');
      // Objects without a prototype would make this needless, and all reading of them three times slower.
      if (localName(name) === '__proto__') throw new XmlFault('a name that is not accepted');
      position = NAME.lastIndex;
      let nil = false;
      for (;;) {
        ATTRIBUTE.lastIndex = position;
        const attribute = ATTRIBUTE.exec(text);
        if (attribute === null) break;
        position = ATTRIBUTE.lastIndex;
        if (localName(attribute[1] ?? '') === 'nil') nil = ['true', '1'].includes(attribute[2] ?? attribute[3] ?? '');
      }
      TAG_END.lastIndex = position;
      const end = TAG_END.exec(text);
      if (end === null) throw new XmlFault('a tag that does not end');
      position = TAG_END.lastIndex;
      frame = { name, nil, text: '', children: null };
      open.push(frame);
      if (open.length > MAX_DEPTH) throw new XmlFault('it is nested too deeply');
      if (end[1] === '/') close();
    }
  }
  if (frame !== root) throw new XmlFault('it breaks off');
  return root.children ?? {};
}
