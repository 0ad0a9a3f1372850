import { type ItemOf, MESSAGES, type MessageKind } from "@cadenza/contracts";
import { z } from "zod";

/** Items an envelope carries at most. */
export const MAX_ITEMS = 200;
/** NATS refuses messages over 1 MiB by default. */
const MAX_BYTES = 700_000;

/** What travels over the bus: up to 200 items of one kind, all of one organization. */
export type Envelope<K extends MessageKind = MessageKind> = {
  id: string;
  organizationId: string;
  kind: K;
  /** When it was told, by the sender's domain clock. */
  at: Date;
  /** W3C trace context of the work that told it. */
  traceparent: string | null;
  items: ItemOf<K>[];
};

export type OutboxMessage<K extends MessageKind = MessageKind> = {
  kind: K;
  organizationId: string;
  items: ItemOf<K>[];
};

const headSchema = z.object({
  id: z.string(),
  organizationId: z.string(),
  kind: z.enum(Object.keys(MESSAGES) as [MessageKind, ...MessageKind[]]),
  at: z.coerce.date(),
  traceparent: z.string().nullable(),
  items: z.array(z.unknown()),
});

/** What arrived is not an envelope this version understands. */
export class MalformedEnvelopeError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = "MalformedEnvelopeError";
  }
}

/** @throws MalformedEnvelopeError */
export function decodeEnvelope(text: string): Envelope {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new MalformedEnvelopeError("An envelope is not JSON.", { cause });
  }
  const head = headSchema.safeParse(json);
  if (!head.success) throw new MalformedEnvelopeError(`An envelope is malformed: ${head.error.message}`);
  const items = z.array(MESSAGES[head.data.kind].item).safeParse(head.data.items);
  if (!items.success)
    throw new MalformedEnvelopeError(`Items of ${head.data.kind} are malformed: ${items.error.message.slice(0, 500)}`);
  return { ...head.data, items: items.data as Envelope["items"] };
}

/** Cuts items into lots that an envelope may carry, each item as the JSON text that it was measured as. */
export function lotsOf(items: readonly unknown[]): string[][] {
  const lots: string[][] = [];
  let lot: string[] = [];
  let bytes = 0;
  for (const item of items) {
    const text = JSON.stringify(item);
    if (lot.length > 0 && (lot.length === MAX_ITEMS || bytes + text.length > MAX_BYTES)) {
      lots.push(lot);
      lot = [];
      bytes = 0;
    }
    lot.push(text);
    bytes += text.length;
  }
  if (lot.length > 0) lots.push(lot);
  return lots;
}

/** The envelope's JSON text around items that are texts already. */
export function encodeEnvelope(head: Omit<Envelope, "items">, items: readonly string[]): string {
  return `${JSON.stringify(head).slice(0, -1)},"items":[${items.join(",")}]}`;
}
