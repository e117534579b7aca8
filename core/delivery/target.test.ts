import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { createTargetPolicy } from './target.ts';

const strict = createTargetPolicy({ allow: [] });
const county = createTargetPolicy({ allow: ['10.20.0.0/16', '127.0.0.0/8', 'fd12:3456::/32', '0.0.0.0/0', '::/0'] });
const listed = createTargetPolicy({ allow: ['10.20.0.0/16', 'fd12:3456::/32'] });

describe('addresses', () => {
  it.each([
    ['unspecified', ['0.0.0.0', '0.1.2.3', '::']],
    ['loopback', ['127.0.0.1', '127.255.255.254', '::1']],
    ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fdff::1', 'fec0::1']],
    ['link-local', ['169.254.0.1', 'fe80::1', 'fe80::1%eth0', 'febf::1']],
    ['carrier-grade NAT', ['100.64.0.1', '100.127.255.255']],
    ['multicast', ['224.0.0.1', '239.255.255.250', 'ff02::1']],
    ['documentation', ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1']],
    ['benchmarking', ['198.18.0.1', '198.19.255.255', '2001:2::1']],
    ['reserved', ['192.0.0.1', '192.88.99.1', '240.0.0.1', '2001:10::1', '4000::1', 'e000::1', '100::1', '5f00::1']],
    ['broadcast', ['255.255.255.255']],
    ['cloud metadata', ['169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '168.63.129.16', 'fd20:ce::254']],
    ['NAT64', ['64:ff9b::7f00:1', '64:ff9b::8.8.8.8', '64:ff9b:1::1']],
    ['6to4', ['2002:7f00:1::', '2002:808:808::1']],
    ['Teredo', ['2001:0:4136:e378:8000:63bf:3fff:fdd2']],
    ['IPv4 inside IPv6', ['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:a00:1', '::127.0.0.1', '::ffff:0:8.8.8.8']],
    ['no address', ['', 'localhost', '8.8.8', '0x08080808', '010.8.8.8', '134744072', '[2600::1]', '8.8.8.8 ']],
  ])('refuses %s', (_, ips) => {
    for (const ip of ips) expect(strict.isAllowedAddress(ip), ip).toBe(false);
  });

  it('lets public ones through by https, and by http never', () => {
    for (const ip of ['8.8.8.8', '1.1.1.1', '100.63.255.255', '100.128.0.0', '172.32.0.1', '2600::1', '2400:3200::1']) {
      expect(strict.isAllowedAddress(ip), ip).toBe(true);
      expect(listed.isAllowedAddress(ip), ip).toBe(true);
      expect(listed.isAllowedAddress(ip, 'http:'), ip).toBe(false);
    }
  });

  it('lets those of a listed range through both ways, and their neighbours not', () => {
    for (const ip of ['10.20.0.1', '10.20.255.255', 'fd12:3456::1']) {
      expect(listed.isAllowedAddress(ip), ip).toBe(true);
      expect(listed.isAllowedAddress(ip, 'http:'), ip).toBe(true);
    }
    for (const ip of ['10.19.255.255', '10.21.0.0', 'fd12:3457::1', '127.0.0.1']) {
      expect(listed.isAllowedAddress(ip), ip).toBe(false);
    }
  });

  it('never lets metadata, multicast or a hidden IPv4 address through, whatever is listed', () => {
    const never = ['169.254.169.254', '100.100.100.200', '168.63.129.16', 'fd00:ec2::254', '224.0.0.1', '0.0.0.0'];
    for (const ip of [
      ...never,
      '255.255.255.255',
      '::',
      'ff02::1',
      '::ffff:10.20.0.1',
      '64:ff9b::a14:1',
      '2002:a14:1::',
    ]) {
      expect(county.isAllowedAddress(ip), ip).toBe(false);
    }
  });

  it('refuses every IPv4 address that is written into an IPv6 one', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.constantFrom('::ffff:', '::', '64:ff9b::', '::ffff:0:'), (ip, prefix) => {
        expect(strict.isAllowedAddress(prefix + ip)).toBe(false);
      }),
    );
  });

  it('does not start with a list that holds what is no range', () => {
    for (const block of ['10.0.0.0', '10.0.0.0/33', 'intranet', '']) {
      expect(() => createTargetPolicy({ allow: [block] })).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
    }
  });
});

describe('URLs', () => {
  it.each([
    'https://hooks.example.gov.cn/maplebridge',
    'https://hooks.example.gov.cn:8443/a?b=c',
    'https://8.8.8.8/hook',
    'https://[2600::1]/hook',
    'https://调解.example.cn/hook',
  ])('accepts %s', (url) => {
    expect(strict.checkUrl(url)).toBe(null);
  });

  it.each([
    ['not a url', ['', 'hook', '/hook', '//host/hook', 'https:host', 'https:///host', 'https://a b/', ' https://a.cn']],
    [
      'not a url',
      ['https:\\\\a.cn', 'https://a.cn\\@b.cn/', 'https://a.cn/\n', 'https://a.cn:99999/', 'https://1.2.3.256/'],
    ],
    [
      'not https',
      ['http://a.cn/', 'http://8.8.8.8/', 'ftp://a.cn/', 'file://a.cn/etc/passwd', 'gopher://a.cn/', 'ws://a.cn'],
    ],
    ['user info', ['https://user@a.cn/', 'https://user:password@a.cn/', 'https://a.cn:443@127.0.0.1/']],
    ['fragment', ['https://a.cn/#', 'https://a.cn/#x', 'https://a.cn#@127.0.0.1/']],
    ['port', ['https://a.cn:22/', 'https://a.cn:25/', 'https://a.cn:0/', 'https://a.cn:445/', 'https://a.cn:1023/']],
    ['host', ['https://a.cn./', 'https://localhost./']],
    ['address', ['https://localhost/', 'https://LOCALHOST/', 'https://x.localhost/']],
  ])('refuses as %s: %j', (reason, urls) => {
    for (const url of urls) expect(strict.checkUrl(url), url).toBe(reason);
  });

  it.each([
    ['whole', '127.0.0.1'],
    ['decimal', '2130706433'],
    ['octal', '0177.0.0.1'],
    ['octal in one number', '017700000001'],
    ['hexadecimal', '0x7f000001'],
    ['hexadecimal, by byte', '0x7f.0x0.0x0.0x1'],
    ['mixed', '0x7f.1'],
    ['short', '127.1'],
    ['shorter still', '0'],
    ['with leading zeros', '127.000.000.001'],
    ['with a full stop at its end', '127.0.0.1.'],
    ['in full-width digits', '１２７．０．０．１'],
    ['in circled digits', '①②⑦.⓪.⓪.①'],
    ['with ideographic full stops', '127。0。0。1'],
    ['percent-encoded', '%31%32%37.0.0.1'],
    ['IPv6', '[::1]'],
    ['IPv6 in full', '[0000:0000:0000:0000:0000:0000:0000:0001]'],
    ['IPv4-mapped', '[::ffff:127.0.0.1]'],
    ['IPv4-mapped in hexadecimal', '[::ffff:7f00:1]'],
    ['IPv4-compatible', '[::127.0.0.1]'],
    ['NAT64', '[64:ff9b::127.0.0.1]'],
  ])('refuses loopback written %s', (_, host) => {
    expect(strict.checkUrl(`https://${host}/`)).toBe('address');
  });

  it('takes http to listed addresses, and to names, which are judged when connecting', () => {
    expect(listed.checkUrl('http://10.20.3.4:8080/hook')).toBe(null);
    expect(listed.checkUrl('http://[fd12:3456::1]/hook')).toBe(null);
    expect(listed.checkUrl('http://hooks.police.internal/hook')).toBe(null);
    expect(listed.checkUrl('http://10.21.3.4/hook')).toBe('address');
    expect(listed.checkUrl('http://8.8.8.8/hook')).toBe('not https');
    expect(strict.checkUrl('http://hooks.police.internal/hook')).toBe('not https');
  });
});
