import type { OrganizationScope } from "@cadenza/storage";
import { type UserError, userError } from "@cadenza/subgraph";
import type { BlackoutCalendarStore } from "../blackout-calendars/store.ts";
import { LIMITS } from "../limits.ts";
import type { ReferenceReader } from "../validation/references.ts";
import { triggerErrors } from "../validation/trigger-problems.ts";
import { reportUser } from "../validation/user-problems.ts";
import type { WorkflowContent } from "./model.ts";
import type { Settings, SettingsInput } from "./settings-input.ts";

/** What must exist for anything to be saved, a draft too. */
export class SaveChecks {
  readonly #references: ReferenceReader;
  readonly #calendars: BlackoutCalendarStore;

  constructor({ references, calendars }: { references: ReferenceReader; calendars: BlackoutCalendarStore }) {
    this.#references = references;
    this.#calendars = calendars;
  }

  async owner(
    scope: OrganizationScope,
    ownerId: string,
  ): Promise<{ errors: UserError[]; organizationTimeZone: string }> {
    const references = await this.#references.readOwner(scope, ownerId);
    const errors: UserError[] = [];
    const path = ["input", "ownerId"];
    reportUser(ownerId, "ownerId", references, (code, _, message) => errors.push(userError(code, message, path)));
    return { errors, organizationTimeZone: references.organizationTimeZone };
  }

  /** Conditions that are given anew are right when they are saved, those of a draft too. */
  async trigger(
    scope: OrganizationScope,
    input: SettingsInput,
    { trigger }: Settings,
    errors: UserError[],
  ): Promise<void> {
    const isMalformed = errors.some(({ path }) => path?.[1] === "trigger");
    if (!input.trigger || !trigger || isMalformed) return;
    const references = await this.#references.readTrigger(scope, trigger);
    errors.push(...triggerErrors(trigger, references, ["input", "trigger"]));
  }

  async calendars(scope: OrganizationScope, { schedule }: WorkflowContent, errors: UserError[]): Promise<void> {
    const ids = schedule?.blackoutCalendarIds ?? [];
    const found = await this.#calendars.findMany(scope, ids);
    for (const [index, calendar] of found.entries()) {
      const path = ["input", "schedule", "blackoutCalendarIds", String(index)];
      if (!calendar) errors.push(userError("NOT_FOUND", "There is no such blackout calendar.", path));
    }
  }
}

/** Each text has its limit, and there may be many of them. */
export function checkSize(content: WorkflowContent, errors: UserError[]): void {
  if (Buffer.byteLength(JSON.stringify(content)) <= LIMITS.contentBytes) return;
  errors.push(userError("WORKFLOW_TOO_LARGE", "The workflow is too large; shorten its texts."));
}
