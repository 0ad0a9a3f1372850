/** Lines on the terminal with the seconds since the start. */
export class Progress {
  readonly #start = performance.now();
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void = (text) => process.stdout.write(text)) {
    this.#write = write;
  }

  get seconds(): string {
    return ((performance.now() - this.#start) / 1000).toFixed(1);
  }

  say(line: string): void {
    this.#write(`${`[${this.seconds} s]`.padStart(9)} ${line}\n`);
  }

  /** Text as it is, without a time. */
  print(text: string): void {
    this.#write(`${text}\n`);
  }
}
