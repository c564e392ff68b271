import net from 'node:net';

/** A port that a process listens on. */
export type Address = { host: string; port: number };

/**
 * The addresses that a successor of a process can share; null when there are none, or when the host is a name, which may
 * stand for several.
 */
export function listAddresses(host: string, ports: readonly number[] | undefined): Address[] | null {
  if (ports === undefined || net.isIP(host) === 0) return null;
  return ports.map((port) => ({ host, port }));
}

/** A bound socket that nobody listens on yet, kept open by the supervisor. */
export type Socket = { fd: number; close: () => void };

type Handle = Socket & { getsockname: (out: object) => number };

/** Bound, but neither listening nor accepting: `net.Server` can only do all three. It is what `node:cluster` uses. */
type Bind = (host: string, port: number, addressType: 4 | 6) => Handle | number;

/**
 * Binds the sockets of a process for it to inherit. Two instances that inherit the same ones take connections from one
 * queue: none is lost when either stops, as long as the other listens.
 * @returns null when one cannot be bound; the process then tries by itself, and says what is in the way
 */
export function bindSockets(addresses: readonly Address[]): Socket[] | null {
  const bind = (net as unknown as { _createServerHandle: Bind })._createServerHandle;
  const sockets: Socket[] = [];
  for (const { host, port } of addresses) {
    const handle = bind(host, port, net.isIPv6(host) ? 6 : 4);
    // A port that is taken is told by `getsockname` only.
    const failed = typeof handle === 'number' || handle.getsockname({}) !== 0;
    if (typeof handle !== 'number') sockets.push(handle);
    if (failed) {
      closeSockets(sockets);
      return null;
    }
  }
  return sockets;
}

export function closeSockets(sockets: readonly Socket[]): void {
  for (const socket of sockets) socket.close();
}
