import { type FileHandle, mkdir, open } from "node:fs/promises";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A message as `/messages` lists it (OPS-4). */
export interface Mail {
  readonly from: string;
  /** Recipients of the envelope. */
  readonly to: readonly string[];
  readonly subject: string;
  readonly messageId: string;
  /** Everything that came after DATA. */
  readonly raw: string;
}

/** What is kept in memory of a message; the rest is in the file. */
export interface MailEntry extends Omit<Mail, "raw"> {
  readonly index: number;
  readonly offset: number;
  readonly length: number;
}

/** Entries kept; the oldest go first. */
const MOST_ENTRIES = 200_000;

/**
 * Every message that arrived, in a file of one JSON line each. A message is in the file before its sender hears 250,
 * so that it outlives a SIGKILL; what arrives meanwhile is written together.
 */
export class MailStore {
  readonly #file: FileHandle;
  #entries: MailEntry[] = [];
  #size = 0;
  #nextIndex = 0;
  #pending: Buffer[] = [];
  #nextWrite: Promise<void> | null = null;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(folder: string): Promise<MailStore> {
    await mkdir(folder, { recursive: true });
    const path = join(folder, "mails.jsonl");
    const store = new MailStore(await open(path, "a+"));
    await store.#load(path);
    return store;
  }

  async #load(path: string): Promise<void> {
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
      const length = Buffer.byteLength(line);
      const mail = parseLine(line);
      // A line that a crash cut short: its sender never heard 250.
      if (!mail) break;
      this.#index(mail, length);
    }
    await this.#file.truncate(this.#size);
  }

  #index({ from, to, subject, messageId }: Mail, length: number): void {
    this.#entries.push({ index: this.#nextIndex++, from, to, subject, messageId, offset: this.#size, length });
    this.#size += length + 1;
    // Cut in bulk: shifting a long array at every message would cost more than the message.
    if (this.#entries.length > MOST_ENTRIES * 1.1) this.#entries = this.#entries.slice(-MOST_ENTRIES);
  }

  /** Resolves when the message is in the file. */
  add(mail: Mail): Promise<void> {
    const line = Buffer.from(JSON.stringify(mail));
    this.#index(mail, line.length);
    this.#pending.push(line, NEWLINE);
    this.#nextWrite ??= this.#write();
    return this.#nextWrite;
  }

  /** The next write waits for the one under way, and takes all that came meanwhile. */
  async #write(): Promise<void> {
    await this.#writing;
    const lines = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#nextWrite = null;
    this.#writing = this.#file.appendFile(lines);
    await this.#writing;
  }

  /** In order of arrival; with `to`, those that went to that address (in any case of letters). */
  list(to?: string): MailEntry[] {
    const kept = this.#entries.slice(-MOST_ENTRIES);
    if (to === undefined) return kept;
    const wanted = to.toLowerCase();
    return kept.filter((entry) => entry.to.some((address) => address.toLowerCase() === wanted));
  }

  /** The JSON text of a message. */
  async json({ offset, length }: MailEntry): Promise<Buffer> {
    await this.#settled();
    const line = Buffer.allocUnsafe(length);
    await this.#file.read(line, 0, length, offset);
    return line;
  }

  async find(index: number): Promise<Mail | null> {
    const entry = this.#entries.find((candidate) => candidate.index === index);
    return entry ? parseLine((await this.json(entry)).toString()) : null;
  }

  async #settled(): Promise<void> {
    await (this.#nextWrite ?? this.#writing);
  }

  async clear(): Promise<void> {
    await this.#settled();
    this.#entries = [];
    this.#size = 0;
    await this.#file.truncate(0);
  }

  async close(): Promise<void> {
    await this.#settled();
    await this.#file.close();
  }
}

const NEWLINE = Buffer.from("\n");

function parseLine(line: string): Mail | null {
  try {
    return JSON.parse(line) as Mail;
  } catch {
    // A torn line is what the caller looks for.
    return null;
  }
}
