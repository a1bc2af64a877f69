/**
 * One command of `npx salus`. `run` answers the exit code: 0 done, 1 the work failed, 2 the words were wrong.
 * A command prints results to stdout (JSON with --json) and everything else to stderr.
 */
export type CommandIo = { stdout: NodeJS.WritableStream; stderr: NodeJS.WritableStream; stdin: NodeJS.ReadableStream };

export type Command = {
  name: string;
  summary: string;
  usage: string;
  run(args: readonly string[], io: CommandIo): Promise<number>;
};
