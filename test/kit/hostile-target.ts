/** Where webhooks must never go, for whoever tries: addresses that are not public, and the spellings of one. */

/** By kind; none may be connected to. */
export const INSIDE_ADDRESSES: readonly (readonly [kind: string, ips: readonly string[]])[] = [
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
];

/** The host of an address on this machine, as somebody might write it to get past a list. */
export const LOOPBACK_SPELLINGS: readonly (readonly [how: string, host: string])[] = [
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
];

/** All of them as hosts of a URL; a zone cannot stand in one. */
export const HOSTILE_HOSTS: readonly string[] = [
  ...LOOPBACK_SPELLINGS.map(([, host]) => host),
  ...['localhost', 'LOCALHOST', 'hook.localhost'],
  ...INSIDE_ADDRESSES.flatMap(([, ips]) => ips)
    .filter((ip) => !ip.includes('%'))
    .map((ip) => (ip.includes(':') ? `[${ip}]` : ip)),
];
