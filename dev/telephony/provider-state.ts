import { randomBytes } from "node:crypto";

/** What happens to a call or message to a number (OPS-4). */
export const OUTCOMES = ["completed", "busy", "no-answer", "failed", "refuse", "delay"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface Resource {
  readonly sid: string;
  readonly kind: "message" | "call";
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly statusCallback: string | null;
  status: string;
}

/** What the provider remembers; a restart of the simulator forgets it. */
export class ProviderState {
  readonly resources = new Map<string, Resource>();
  readonly #outcomes = new Map<string, Outcome>();
  /** Where inbound messages to a number are posted: its owner's webhook. */
  readonly inboundUrls = new Map<string, string>();

  behave(number: string, outcome: Outcome): void {
    this.#outcomes.set(number, outcome);
  }

  outcomeFor(number: string): Outcome {
    return this.#outcomes.get(number) ?? "completed";
  }

  accept(resource: Omit<Resource, "sid" | "status">): Resource {
    // Twilio's form: two letters and 32 hex digits.
    const sid = (resource.kind === "message" ? "SM" : "CA") + randomBytes(16).toString("hex");
    const accepted = { ...resource, sid, status: "queued" };
    this.resources.set(sid, accepted);
    return accepted;
  }

  messages(): { from: string; to: string; body: string }[] {
    const messages = [...this.resources.values()].filter(({ kind }) => kind === "message");
    return messages.map(({ from, to, body }) => ({ from, to, body }));
  }
}
