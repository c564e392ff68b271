import { accessSync, constants } from 'node:fs';

/** Where `../shared/peers.sh /tmp/peers prom` puts Prometheus. */
const usualPrometheus = '/tmp/peers/bin/prometheus';

/** Peers that benchmarks measure against; null where there is none. */
export function readEnv(source: Record<string, string | undefined> = process.env): { PROMETHEUS_PATH: string | null } {
  const path = source.PROMETHEUS_PATH ?? usualPrometheus;
  try {
    accessSync(path, constants.X_OK);
    return { PROMETHEUS_PATH: path };
  } catch {
    return { PROMETHEUS_PATH: null };
  }
}

/** Where `peers.sh` put the programs that ours are compared with. */
export function readPeersDir(source: Record<string, string | undefined> = process.env): string {
  return source.BELLWETHER_PEERS_DIR ?? '/tmp/peers';
}
