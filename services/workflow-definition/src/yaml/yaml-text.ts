import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  Parser,
  Lexer,
} from "yaml";
import type { CST, Document } from "yaml";

/** As much as a request may carry. */
export const MAX_BYTES = 256 * 1024;
/** Collections in one another: more than the deepest condition with the deepest value has. */
const MAX_DEPTH = 64;
/** Words, signs and blanks: composing costs time for each of them. */
const MAX_LEXEMES = 80_000;

export type YamlFault = { code: string; message: string; path: readonly string[]; line: number };
export type YamlText = {
  value: unknown;
  /** The line, from 1, in which the value at a path begins, or the nearest that it is part of. */
  lineOf(path: readonly string[]): number;
};

/**
 * Reads one YAML 1.2 document of the core schema into plain values. Refused, each with its line: aliases, tags, merge
 * keys, keys that are no text or stand twice, several documents, and whatever is too large or too deep.
 */
export function readYamlText(text: string): YamlText | YamlFault[] {
  const whole = (code: string, message: string, line = 1): YamlFault[] => [{ code, message, path: [], line }];
  if (Buffer.byteLength(text) > MAX_BYTES) return whole("YAML_TOO_LARGE", `A document has at most ${MAX_BYTES} bytes.`);
  const lines = new LineCounter();
  const tokens = tokensOf(text, lines);
  if (!Array.isArray(tokens)) return whole(tokens.code, tokens.message, tokens.line);
  const documents = tokens.filter(({ type }) => type === "document");
  const second = documents[1];
  if (second) return whole("YAML_INVALID", "One document at a time.", lines.linePos(second.offset).line);
  const [document] = composed(tokens, text, lines);
  if (!document || document.contents === null) return whole("YAML_INVALID", "The document is empty.");
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault) {
    const { line, col } = lines.linePos(fault.pos[0]);
    const what = (fault.message.split("\n")[0] ?? "").slice(0, 300);
    return [{ code: "YAML_INVALID", message: `${what} (line ${line}, column ${col})`, path: [], line }];
  }
  return new PlainReader(lines).read(document.contents);
}

type TooMuch = { code: string; message: string; line: number };

function tokensOf(text: string, lines: LineCounter): CST.Token[] | TooMuch {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    const line = () => lines.linePos(parser.offset).line;
    if (parser.stack.length > MAX_DEPTH)
      return { code: "YAML_TOO_DEEP", message: `Values are nested at most ${MAX_DEPTH} levels deep.`, line: line() };
    if (++lexemes > MAX_LEXEMES)
      return { code: "YAML_TOO_LARGE", message: "The document has too many parts.", line: line() };
  }
  tokens.push(...parser.end());
  return tokens;
}

function composed(tokens: CST.Token[], text: string, lines: LineCounter): Document.Parsed<ParsedNode>[] {
  const composer = new Composer<ParsedNode>({
    version: "1.2",
    schema: "core",
    merge: false,
    customTags: [],
    strict: true,
    // Looked at here: the library compares every key with every other.
    uniqueKeys: false,
    lineCounter: lines,
  });
  return [...composer.compose(tokens, true, text.length)] as Document.Parsed<ParsedNode>[];
}

/** Nodes as plain values, with the line of each path. */
class PlainReader {
  readonly #counter: LineCounter;
  readonly #faults: YamlFault[] = [];
  readonly #lines = new Map<string, number>();

  constructor(counter: LineCounter) {
    this.#counter = counter;
  }

  read(root: Node): YamlText | YamlFault[] {
    const value = this.#value(root, []);
    if (this.#faults.length > 0) return this.#faults;
    return { value, lineOf: (path) => this.#lineOf(path) };
  }

  #value(node: unknown, path: readonly string[]): unknown {
    const line = this.#lineAt(node);
    if (!this.#lines.has(keyOf(path))) this.#lines.set(keyOf(path), line);
    if (isAlias(node)) return this.#report("YAML_ALIAS", "Aliases are not read; write the value out.", path, line);
    if (isScalar(node)) return node.value;
    if (isSeq(node)) return node.items.map((item, index) => this.#value(item, [...path, String(index)]));
    if (!isMap(node)) return null;
    const entries = new Map<string, unknown>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? key.value : null;
      const keyLine = this.#lineAt(key);
      if (typeof name !== "string") {
        this.#report("YAML_INVALID", "A key is a text.", path, keyLine);
        continue;
      }
      const here = [...path, name];
      if (entries.has(name)) this.#report("DUPLICATE", `The key "${name}" stands here twice.`, here, keyLine);
      this.#lines.set(keyOf(here), keyLine);
      entries.set(name, this.#value(value, here));
    }
    return Object.fromEntries(entries);
  }

  #report(code: string, message: string, path: readonly string[], line: number): null {
    this.#faults.push({ code, message: `${message} (line ${line})`, path, line });
    return null;
  }

  #lineAt(node: unknown): number {
    const range = (node as Node | null)?.range;
    return range ? this.#counter.linePos(range[0]).line : 1;
  }

  #lineOf(path: readonly string[]): number {
    for (let length = path.length; length >= 0; length--) {
      const line = this.#lines.get(keyOf(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  }
}

function keyOf(path: readonly string[]): string {
  return path.join("\n");
}
