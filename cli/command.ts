/** One `bellwether` command. */
export type Command = {
  /** One line for the list of commands. */
  summary: string;
  /** What `--help` prints: usage, options with their units, exit codes. */
  help: string;
  /** Runs the command with what follows its name. Returns the exit code. */
  run: (args: string[]) => Promise<number>;
};

/** The command line is wrong; the message says what was expected. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
