import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

export type BrokerOptions = {
  /** Where deploy/kafka is, with pom.xml and server.properties. */
  recipeDir: string;
  /** Jars are kept here, and brought by Maven when they are missing. */
  libsDir: string;
  dataDir: string;
  port: number;
  controllerPort: number;
  heapMb: number;
  onLog: (line: string) => void;
};

export type Broker = {
  pid: number;
  /** Settles when the broker is gone, whoever ended it. */
  exited: Promise<void>;
  /** Shuts down in order, or at once. */
  stop: (signal?: 'SIGTERM' | 'SIGKILL') => Promise<void>;
};

/** Any will do, as long as it stays the same for a data directory. */
const clusterId = 'YmVsbHdldGhlci1rYWZrYQ';

/**
 * Starts a real Apache Kafka broker on loopback, a single node. Needs Java 17 or newer, and Maven for the first time.
 * @throws Error with the last lines of what it said when it does not come up
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  await installLibs(options);
  const properties = writeProperties(options);
  const formatted = path.join(options.dataDir, 'log', 'meta.properties');
  if (!existsSync(formatted))
    await runJava(options, ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties]);
  const child = spawnJava(options, [`-Xmx${options.heapMb}m`, 'kafka.Kafka', properties]);
  const said = listen(child, options.onLog, 'Kafka Server started');
  const exited = once(child, 'exit').then(() => undefined);
  const isUp = await Promise.race([said.seen, exited.then(() => false)]);
  if (!isUp || child.pid === undefined) throw new Error(`Kafka did not start: ${said.lastLines()}`);
  const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> => {
    child.kill(signal);
    await exited;
  };
  return { pid: child.pid, exited, stop };
}

/** Renamed into place when complete, so that two at once or an interrupted one leave nothing half. */
async function installLibs({ recipeDir, libsDir }: BrokerOptions): Promise<void> {
  const recipe = readFileSync(path.join(recipeDir, 'pom.xml'), 'utf8');
  const stamp = path.join(libsDir, 'pom.xml');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === recipe) return;
  const unfinished = `${libsDir}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  const args = ['-q', '-B', '-f', path.join(recipeDir, 'pom.xml'), 'dependency:copy-dependencies'];
  const child = spawn('mvn', [...args, `-DoutputDirectory=${unfinished}`], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = listen(child, () => {}, null);
  const code = await exitCode(child, 'mvn');
  if (code !== 0) throw new Error(`Maven could not bring Kafka: ${said.lastLines()}`);
  writeFileSync(path.join(unfinished, 'pom.xml'), recipe);
  rmSync(libsDir, { recursive: true, force: true });
  renameSync(unfinished, libsDir);
}

function writeProperties({ recipeDir, dataDir, port, controllerPort }: BrokerOptions): string {
  mkdirSync(dataDir, { recursive: true });
  const own = {
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'log.dirs': path.join(dataDir, 'log'),
  };
  const lines = Object.entries(own).map(([key, value]) => `${key}=${value}\n`);
  const file = path.join(dataDir, 'server.properties');
  writeFileSync(file, readFileSync(path.join(recipeDir, 'server.properties'), 'utf8') + lines.join(''));
  return file;
}

function spawnJava({ libsDir }: BrokerOptions, args: readonly string[]): ChildProcess {
  const log = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=info', '-Dorg.slf4j.simpleLogger.logFile=System.out'];
  return spawn('java', ['-cp', `${libsDir}/*`, ...log, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function runJava(options: BrokerOptions, args: readonly string[]): Promise<void> {
  const child = spawnJava(options, args);
  const said = listen(child, options.onLog, null);
  const code = await exitCode(child, 'java');
  if (code !== 0) throw new Error(`${args[0]} failed: ${said.lastLines()}`);
}

async function exitCode(child: ChildProcess, program: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${program} cannot be run: is it installed?`, { cause: error })));
    child.once('close', resolve);
  });
}

/** Hands on each line, keeps the last ones for a message, and tells when one holds `awaited`. */
function listen(
  child: ChildProcess,
  onLine: (line: string) => void,
  awaited: string | null,
): { seen: Promise<boolean>; lastLines: () => string } {
  const kept: string[] = [];
  const seen = new Promise<boolean>((resolve) => {
    child.once('error', (error) => {
      kept.push(error.message);
      resolve(false);
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        kept.push(line);
        if (kept.length > 8) kept.shift();
        onLine(line);
        if (awaited !== null && line.includes(awaited)) resolve(true);
      });
    }
  });
  return { seen, lastLines: () => kept.join(' | ') };
}
