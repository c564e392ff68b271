import { accessSync, constants } from 'node:fs';

/** Where `../shared/peers.sh /tmp/peers prom load` puts them. */
const usual = { PROMETHEUS_PATH: '/tmp/peers/bin/prometheus', VEGETA_PATH: '/tmp/peers/bin/vegeta' };

/** Peers that benchmarks measure against; null where there is none. */
export function readEnv(source: Record<string, string | undefined> = process.env): {
  PROMETHEUS_PATH: string | null;
  VEGETA_PATH: string | null;
} {
  const find = (name: keyof typeof usual): string | null => {
    const path = source[name] ?? usual[name];
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      return null;
    }
  };
  return { PROMETHEUS_PATH: find('PROMETHEUS_PATH'), VEGETA_PATH: find('VEGETA_PATH') };
}

/** Where `peers.sh` put the programs that ours are compared with. */
export function readPeersDir(source: Record<string, string | undefined> = process.env): string {
  return source.BELLWETHER_PEERS_DIR ?? '/tmp/peers';
}
