import { type DocumentNode, type FieldNode, Kind, Lexer, type SelectionSetNode, Source, TokenKind } from "graphql";

/** How large an operation is with its fragments put in. */
export type DocumentSize = { depth: number; fields: number; aliases: number };

const OPENING: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/**
 * Counts tokens up to `limit + 1`, and how deep brackets of any kind stand in each other, without building anything.
 * A text that is no GraphQL counts as far as it can be read.
 */
export function scanTokens(text: string, limit: number): { tokens: number; nesting: number } {
  const lexer = new Lexer(new Source(text));
  let tokens = 0;
  let open = 0;
  let nesting = 0;
  try {
    while (tokens <= limit) {
      const { kind } = lexer.advance();
      if (kind === TokenKind.EOF) break;
      tokens++;
      if (OPENING.has(kind)) nesting = Math.max(nesting, ++open);
      else if (CLOSING.has(kind)) open--;
    }
  } catch (error) {
    // The parser meets the same fault, and names it.
    if (!(error instanceof Error) || error.name !== "GraphQLError") throw error;
  }
  return { tokens, nesting };
}

/**
 * The sum of all operations' sizes. Every fragment is measured once, so that fragments in fragments cost nothing however
 * much they amount to; a fragment that contains itself is endless.
 * @param options.ignoreIntrospection leaves out `__schema` and `__type`, whose usual query is as deep as any.
 */
export function measureDocument(document: DocumentNode, options: { ignoreIntrospection: boolean }): DocumentSize {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition.selectionSet);
  const measured = new Map<string, DocumentSize | "measuring">();

  const ofFragment = (name: string): DocumentSize => {
    const known = measured.get(name);
    if (known === "measuring") return { depth: Infinity, fields: Infinity, aliases: Infinity };
    if (known) return known;
    const selections = fragments.get(name);
    if (!selections) return { depth: 0, fields: 0, aliases: 0 };
    measured.set(name, "measuring");
    const size = ofSelections(selections);
    measured.set(name, size);
    return size;
  };
  const ofField = (field: FieldNode): DocumentSize => {
    if (options.ignoreIntrospection && (field.name.value === "__schema" || field.name.value === "__type"))
      return { depth: 1, fields: 1, aliases: 0 };
    const inner = field.selectionSet ? ofSelections(field.selectionSet) : { depth: 0, fields: 0, aliases: 0 };
    return { depth: inner.depth + 1, fields: inner.fields + 1, aliases: inner.aliases + (field.alias ? 1 : 0) };
  };
  const ofSelections = ({ selections }: SelectionSetNode): DocumentSize => {
    const sum = { depth: 0, fields: 0, aliases: 0 };
    for (const selection of selections) {
      const size =
        selection.kind === Kind.FIELD
          ? ofField(selection)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? ofSelections(selection.selectionSet)
            : ofFragment(selection.name.value);
      sum.depth = Math.max(sum.depth, size.depth);
      sum.fields += size.fields;
      sum.aliases += size.aliases;
    }
    return sum;
  };

  const total = { depth: 0, fields: 0, aliases: 0 };
  // Fragments too that no operation uses: validation would look at them all.
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION && definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    const size =
      definition.kind === Kind.FRAGMENT_DEFINITION
        ? ofFragment(definition.name.value)
        : ofSelections(definition.selectionSet);
    total.depth = Math.max(total.depth, size.depth);
    if (definition.kind === Kind.FRAGMENT_DEFINITION) continue;
    total.fields += size.fields;
    total.aliases += size.aliases;
  }
  return total;
}
