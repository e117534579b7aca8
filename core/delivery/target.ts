/**
 * Where webhooks may go: to public addresses by https, and to a government network's own ranges, when these are listed, by
 * http too. Everything else inside (SSRF) is refused, in whatever spelling. A name is judged by its addresses, at the moment
 * of connecting: a look at registration alone would be answered differently a minute later (DNS rebinding).
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { badInput } from '../platform/errors.ts';

/** Why a target is refused, as a sentence for who registers it. */
export const TARGET_REFUSALS = {
  'not a url': 'is not an absolute address without spaces or backslashes, at most 2,000 characters',
  'not https': 'must begin with https:// (http:// only in ranges that the operator has listed)',
  'user info': 'must not hold a user name or password',
  fragment: 'must not have a part after #',
  port: 'must have the usual port, or one from 1024 up',
  host: 'must have a full host name, without a full stop at its end',
  address: 'leads to an address inside a network; the operator can list ranges (MAPLEBRIDGE_WEBHOOK_ALLOW)',
} as const;
export type TargetRefusal = keyof typeof TARGET_REFUSALS;

export interface TargetPolicy {
  /**
   * What the address as written tells: null when nothing speaks against it. A name passes here; what it leads to is
   * decided by `isAllowedAddress` when connecting.
   */
  checkUrl(url: string): TargetRefusal | null;
  /** `http:` needs a listed range; `https:` a public or listed one. Anything that is not an IP address is refused. */
  isAllowedAddress(ip: string, protocol?: 'https:' | 'http:'): boolean;
}

export interface TargetPolicyOptions {
  /** CIDR blocks, IPv4 and IPv6. */
  readonly allow: readonly string[];
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A cloud's own service that hands out a machine's credentials: never, whatever is listed. */
const METADATA = ['169.254.169.254', '168.63.129.16', '100.100.100.200', 'fd00:ec2::254', 'fd20:ce::254'].map((ip) =>
  ipaddr.parse(ip),
);

/** Nobody listens there, or an IPv4 address hides inside, which was not looked at: never, whatever is listed. */
const NEVER: ReadonlySet<string> = new Set([
  ...['unspecified', 'broadcast', 'multicast', 'discard'],
  ...['ipv4Mapped', 'rfc6145', 'rfc6052', '6to4', 'teredo'],
]);

/** All of public IPv6 (RFC 4291 2.4); so `::127.0.0.1` and what is not assigned yet stay out. */
const GLOBAL_V6 = ipaddr.parseCIDR('2000::/3');

/** 443 and 80, or what needs no privilege; not the ports of mail, shells and file shares. */
const isUsualPort = (port: string): boolean => port === '' || ['443', '80'].includes(port) || Number(port) >= 1_024;

/** Throws BAD_USER_INPUT when a block of `allow` is none. */
export function createTargetPolicy({ allow }: TargetPolicyOptions): TargetPolicy {
  const blocks = allow.map(parseBlock);

  const isAllowedAddress: TargetPolicy['isAllowedAddress'] = (ip, protocol = 'https:') => {
    const address = parseAddress(ip);
    if (address === null || NEVER.has(address.range()) || METADATA.some((each) => isSame(each, address))) return false;
    if (blocks.some(([block, bits]) => block.kind() === address.kind() && address.match(block, bits))) return true;
    return protocol === 'https:' && isPublic(address);
  };

  return {
    isAllowedAddress,
    checkUrl(text) {
      const url = parseUrl(text);
      if (url === null) return 'not a url';
      const { protocol } = url;
      if (protocol !== 'https:' && protocol !== 'http:') return 'not https';
      if (url.username !== '' || url.password !== '') return 'user info';
      if (text.includes('#')) return 'fragment';
      if (!isUsualPort(url.port)) return 'port';
      const host = hostOf(url);
      if (isIP(host) !== 0) {
        if (isAllowedAddress(host, protocol)) return null;
        return protocol === 'http:' && isAllowedAddress(host) ? 'not https' : 'address';
      }
      if (protocol === 'http:' && blocks.length === 0) return 'not https';
      return refusalOfName(host, isAllowedAddress);
    },
  };
}

/** An address as `isIP` takes it: without the brackets of IPv6. The URL parser has made one spelling of all. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

/** Null for what the URL parser would repair in silence: what is stored must be what is meant. */
function parseUrl(text: string): URL | null {
  if (text.length > 2_000 || /[\s\\\u0000-\u001f\u007f]/.test(text) || !/^[a-z]+:\/\/[^/]/i.test(text)) return null;
  return URL.canParse(text) ? new URL(text) : null;
}

function refusalOfName(host: string, isAllowedAddress: TargetPolicy['isAllowedAddress']): TargetRefusal | null {
  if (host.endsWith('.') || host === '') return 'host';
  // Known without asking anybody (RFC 6761).
  if (host === 'localhost' || host.endsWith('.localhost')) return isAllowedAddress('127.0.0.1') ? null : 'address';
  return null;
}

function parseBlock(block: string): [Address, number] {
  if (!ipaddr.isValidCIDR(block)) throw badInput('allow', 'The list of webhook ranges holds what is no CIDR block.');
  return ipaddr.parseCIDR(block);
}

/** Only the usual spellings: `isIP` knows no octal, hexadecimal or short forms, which would be read differently elsewhere. */
function parseAddress(ip: string): Address | null {
  return isIP(ip) === 0 || ip.includes('%') ? null : ipaddr.parse(ip);
}

const isSame = (a: Address, b: Address): boolean => a.kind() === b.kind() && a.toString() === b.toString();

const isPublic = (address: Address): boolean =>
  address.range() === 'unicast' && (address.kind() === 'ipv4' || address.match(...GLOBAL_V6));
