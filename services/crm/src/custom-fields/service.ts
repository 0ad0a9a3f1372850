import { newId } from "@cadenza/platform";
import { type Database, isDuplicateKey, type TenantCollection } from "@cadenza/storage";
import type { Catalogs } from "../catalog/catalogs.ts";
import type { Caller, CrmWriter } from "../changes/crm-writer.ts";
import { MAX_CHOICE_LENGTH, MAX_CHOICES, MAX_CUSTOM_FIELDS } from "../values/limits.ts";
import { nameKey } from "../values/names.ts";
import { type Outcome, type Problem, problem, refused } from "../values/problem.ts";
import { checkLine, readName } from "../values/text.ts";
import { choiceKey, type CrmObject, type CustomField, type CustomFieldType } from "./custom-field.ts";

export type CreateCustomFieldInput = {
  object: CrmObject;
  name: string;
  type: CustomFieldType;
  multiple?: boolean | null;
  choices?: readonly string[] | null;
};

export class CustomFieldService {
  readonly #writer: CrmWriter;
  readonly #fields: TenantCollection<CustomField>;
  readonly #catalogs: Catalogs;

  constructor(writer: CrmWriter, database: Database, catalogs: Catalogs) {
    this.#writer = writer;
    this.#fields = database.tenant("customFields");
    this.#catalogs = catalogs;
  }

  /** @returns the new field's id. */
  async create(caller: Caller, input: CreateCustomFieldInput): Promise<Outcome<string>> {
    const problems: Problem[] = [];
    const name = readName(input.name, ["input", "name"], problems);
    const choices = readChoices(input, problems);
    if (problems.length > 0) return refused(problems);
    const { scope } = caller;
    try {
      return await this.#writer.commit(caller, async (transaction) => {
        const { at, session, unit } = transaction;
        const { size } = (await this.#catalogs.fresh(scope, session)).fields;
        if (size >= MAX_CUSTOM_FIELDS) transaction.refuse(tooManyFields());
        const { object, type } = input;
        const place = { _id: newId(at), organizationId: scope.organizationId };
        const what = { object, type, name, nameKey: nameKey(name), multiple: input.multiple ?? false, choices };
        const field: CustomField = { ...place, ...what, version: 1, createdAt: at, updatedAt: at };
        await this.#fields.insertMany(scope, [field], session);
        unit.afterCommit(() => this.#catalogs.forget(scope));
        return field._id;
      });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return refused([problem("NAME_TAKEN", "A field of this object has this name already.", ["input", "name"])]);
    }
  }
}

function readChoices(input: CreateCustomFieldInput, problems: Problem[]): string[] {
  const path = ["input", "choices"];
  const given = input.choices ?? [];
  if (input.type !== "CHOICE") {
    if (given.length > 0) problems.push(problem("INVALID_VALUE", "Only a choice field has choices.", path));
    return [];
  }
  if (given.length > MAX_CHOICES) {
    problems.push(problem("TOO_MANY", `A field has at most ${MAX_CHOICES} choices.`, path));
    return [];
  }
  const seen = new Set<string>();
  return given.map((text, index) => {
    const here = [...path, String(index)];
    const choice = text.trim();
    if (choice === "") problems.push(problem("REQUIRED", "A choice must not be empty.", here));
    else if (seen.has(choiceKey(choice))) problems.push(problem("DUPLICATE", "Each choice stands here once.", here));
    else checkLine(choice, MAX_CHOICE_LENGTH, here, problems);
    seen.add(choiceKey(choice));
    return choice;
  });
}

function tooManyFields(): Problem {
  return problem("TOO_MANY", `An organization has at most ${MAX_CUSTOM_FIELDS} custom fields.`, ["input"]);
}
