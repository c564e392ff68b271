import { type Command, UsageError } from './command.ts';
import { commands } from './commands.ts';

// A reader that has seen enough (`| head`) closes the pipe: that ends the command, and is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

process.exitCode = await main(process.argv.slice(2));

async function main([name = '--help', ...args]: string[]): Promise<number> {
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(await describeAll());
    return 0;
  }
  const load = commands[name];
  if (load === undefined) {
    process.stderr.write(`bellwether: no command "${name}"; there are ${Object.keys(commands).join(', ')}\n`);
    return 2;
  }
  const { command } = await load();
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${command.summary}\n\n${command.help.trim()}\n`);
    return 0;
  }
  return runCommand(name, command, args);
}

async function runCommand(name: string, command: Command, args: string[]): Promise<number> {
  try {
    return await command.run(args);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    process.stderr.write(`bellwether ${name}: ${error.message}\n`);
    const isUsage = error instanceof UsageError || ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
    if (isUsage) process.stderr.write(`See: npx bellwether ${name} --help\n`);
    return isUsage ? 2 : 1;
  }
}

async function describeAll(): Promise<string> {
  const names = Object.keys(commands);
  const width = Math.max(...names.map((name) => name.length));
  const lines = await Promise.all(
    Object.entries(commands).map(async ([name, load]) => `  ${name.padEnd(width)}  ${(await load()).command.summary}`),
  );
  return `Usage: npx bellwether <command> [options]\n\n${lines.join('\n')}\n\nEach command answers to --help.\n`;
}
