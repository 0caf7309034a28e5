/** How the other end of a connection is named, and which ends count as one. */

/** The peer's address as a person writes it: IPv4 in its own form also on a socket that listens on both. */
export function remoteAddress(address: string | undefined): string {
  return (address ?? 'unknown').replace(/^::ffff:(?=\d+\.)/i, '');
}

/** What counts as one peer: an IPv4 address, or the /64 that an IPv6 host can choose its addresses from. */
export function addressGroup(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':');
    while (groups.length + after.length < 8) groups.push('0');
    groups.push(...after);
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}
