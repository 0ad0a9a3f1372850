import type { Envelope, UnitOfWork } from "@cadenza/messaging";
import type { OrganizationScope } from "@cadenza/storage";
import { type SourceKind, sourceEventOf } from "./source-events-of.ts";
import type { TriggerMatcher } from "./trigger-matcher.ts";
import type { TriggerStarter } from "./trigger-starter.ts";

/** Takes what happens, whoever tells it, to the workflows that it starts. */
export class SourceIntake {
  readonly #matcher: TriggerMatcher;
  readonly #starter: TriggerStarter;

  constructor(options: { matcher: TriggerMatcher; starter: TriggerStarter }) {
    this.#matcher = options.matcher;
    this.#starter = options.starter;
  }

  /** Envelopes of one organization, in the transaction that consumes them. */
  async take(unit: UnitOfWork, scope: OrganizationScope, envelopes: readonly Envelope<SourceKind>[]): Promise<void> {
    const sources = envelopes.flatMap(({ kind, items }) => items.map((item) => sourceEventOf(kind, item)));
    const asked = await this.#matcher.asked(
      scope.organizationId,
      sources.filter((source) => source !== null),
    );
    await this.#starter.start(unit, scope, asked);
  }
}
