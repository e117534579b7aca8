import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { INSIDE_ADDRESSES, LOOPBACK_SPELLINGS } from '../../test/kit/hostile-target.ts';
import { createTargetPolicy } from './target.ts';

const strict = createTargetPolicy({ allow: [] });
const county = createTargetPolicy({ allow: ['10.20.0.0/16', '127.0.0.0/8', 'fd12:3456::/32', '0.0.0.0/0', '::/0'] });
const listed = createTargetPolicy({ allow: ['10.20.0.0/16', 'fd12:3456::/32'] });

describe('addresses', () => {
  it.each<readonly [string, readonly string[]]>([
    ...INSIDE_ADDRESSES,
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

  it.each(LOOPBACK_SPELLINGS)('refuses loopback written %s', (_, host) => {
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
