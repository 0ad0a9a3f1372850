import { stackFolders } from "./stack/folders.ts";
import { OptionError, readOptions, USAGE } from "./stack/options.ts";
import { Progress } from "./stack/progress.ts";
import { runStack } from "./stack/run-stack.ts";

const args = process.argv.slice(2);
if (args.includes("--help")) {
  console.log(USAGE);
  process.exit(0);
}

const progress = new Progress();
try {
  const stack = runStack(readOptions(args), stackFolders(), progress);
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    progress.say("stopping");
    await stack.stop();
    progress.say("stopped");
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop());
  await stack.ready.catch(async (error: unknown) => {
    // The start was given up because it was told to stop.
    if (stopping) return new Promise(() => undefined);
    await stack.stop();
    throw error;
  });
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof OptionError) console.error(`\n${USAGE}`);
  process.exit(1);
}
