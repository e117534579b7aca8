import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseXml, XmlFault } from './xml.ts';

test('Elements become text, objects and lists, whatever their prefixes', () => {
  const xml = `<?xml version="1.0"?><!-- x --><a:R xmlns:a="u" a:k='>'><a:T> 张&#19977;&amp;<![CDATA[<&amp;>]]></a:T>
    <b:I>1</b:I><b:I>2</b:I><E/><F></F></a:R>`;
  expect(parseXml(xml)).toEqual({ R: { T: ' 张三&<&amp;>', I: ['1', '2'], E: '', F: '' } });
});

test('Nil is null under any prefix, and only when it says so', () => {
  const xml = `<r><a xsi:nil="true"/><b i:nil='1'></b><c xsi:nil="false">x</c></r>`;
  expect(parseXml(xml)).toEqual({ r: { a: null, b: null, c: 'x' } });
});

test('What is no XML, breaks off, or brings a document type of its own is refused', () => {
  for (const wrong of [
    'nonsense',
    '<a><b></a></b>',
    '<a><b>',
    '<a',
    '<a b=c></a>',
    '<a>&unknown;</a>',
    '<a>&#xffffff;</a>',
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    '<a><!ENTITY x "y"></a>',
    '<a/>text',
    '</a>',
    '<a>'.repeat(100) + '</a>'.repeat(100),
  ])
    expect(() => parseXml(wrong)).toThrow(XmlFault);
});

test('No element name means anything to JavaScript', () => {
  expect(parseXml('<r><constructor>2</constructor></r>')).toEqual({ r: { constructor: '2' } });
  expect(() => parseXml('<r><x:__proto__><x>1</x></x:__proto__></r>')).toThrow(XmlFault);
});

test('Any text survives the way there and back', () => {
  const escape = (text: string): string => text.replace(/[<>&]/g, (c) => `&#${c.charCodeAt(0)};`);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(parseXml(`<r><t>${escape(text)}</t></r>`)).toEqual({ r: { t: text } });
    }),
  );
});

test('Nothing but an XmlFault comes out of any bytes', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '/',
    'a',
    ' ',
    '"',
    '=',
    '&',
    ';',
    '<a>',
    '</a>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      try {
        parseXml(pieces.join(''));
      } catch (error) {
        expect(error).toBeInstanceOf(XmlFault);
      }
    }),
  );
});
