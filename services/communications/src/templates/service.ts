import type { Committer } from "@cadenza/messaging";
import { newId } from "@cadenza/platform";
import type { Channel } from "@cadenza/sending";
import { checkText, notFound } from "@cadenza/subgraph";
import { checkTemplate } from "@cadenza/templating";
import { type Answer, done, refused } from "../answer.ts";
import { requireOwn, type Viewer } from "../viewer.ts";
import type { TemplateDocument } from "./template.ts";
import { isVisible, type TemplateStore } from "./store.ts";

export type TemplateInput = {
  channel: Channel;
  name: string;
  subject?: string | null;
  body: string;
  shared?: boolean | null;
};

export const MAX_NAME_LENGTH = 200;
export const MAX_SUBJECT_LENGTH = 1000;
export const MAX_BODY_LENGTH = 200_000;

export class TemplateService {
  readonly #store: TemplateStore;
  readonly #committer: Committer;

  constructor(options: { store: TemplateStore; committer: Committer }) {
    this.#store = options.store;
    this.#committer = options.committer;
  }

  async create(viewer: Viewer, input: TemplateInput): Promise<Answer<TemplateDocument>> {
    const fault = faultOf(input);
    if (fault) return fault;
    const at = this.#committer.clock.now();
    const template: TemplateDocument = {
      _id: newId(at),
      organizationId: viewer.scope.organizationId,
      version: 1,
      createdAt: at,
      updatedAt: at,
      ownerId: viewer.userId,
      ...valuesOf(input, true),
    };
    await this.#committer.commit((unit) => this.#store.insert(viewer.scope, template, unit.session));
    return done(template);
  }

  async update(
    viewer: Viewer,
    id: string,
    expectedRevision: number,
    input: TemplateInput,
  ): Promise<Answer<TemplateDocument>> {
    return this.#committer.commit(async ({ session }) => {
      const [known] = await this.#store.findByIds(viewer.scope, [id], session);
      if (!known || !isVisible(viewer, known)) return unknownTemplate();
      requireOwn(viewer, known.ownerId, "template");
      const fault = faultOf(input);
      if (fault) return fault;
      if (known.version !== expectedRevision) {
        return refused("REVISION_CONFLICT", `The template has changed since: it is at revision ${known.version}.`, [
          "expectedRevision",
        ]);
      }
      const changed = {
        ...known,
        ...valuesOf(input, known.shared),
        version: known.version + 1,
        updatedAt: this.#committer.clock.now(),
      };
      if (!(await this.#store.replace(viewer.scope, changed, session))) throw notFound("template");
      return done(changed);
    });
  }

  /** Messages that were made with it stay as they are; steps that name it end in an error that says so. */
  async delete(viewer: Viewer, id: string): Promise<Answer<string>> {
    return this.#committer.commit(async ({ session }) => {
      const [known] = await this.#store.findByIds(viewer.scope, [id], session);
      if (!known || !isVisible(viewer, known)) return unknownTemplate();
      requireOwn(viewer, known.ownerId, "template");
      await this.#store.delete(viewer.scope, id, session);
      return done(id);
    });
  }
}

function unknownTemplate() {
  return refused("NOT_FOUND", "There is no such template.", ["id"]);
}

function valuesOf(input: TemplateInput, shared: boolean) {
  const { channel, name, subject, body } = input;
  return { channel, name: name.trim(), subject: subject ?? null, body, shared: input.shared ?? shared };
}

/** @throws BAD_USER_INPUT for texts that cannot be stored. */
function faultOf({ name, subject, body }: TemplateInput) {
  checkText(name, ["input", "name"], { max: MAX_NAME_LENGTH, min: 1 });
  checkText(body, ["input", "body"], { max: MAX_BODY_LENGTH, min: 1 });
  if (subject) checkText(subject, ["input", "subject"], { max: MAX_SUBJECT_LENGTH });
  if (!subject?.trim()) return refused("SUBJECT_MISSING", "An email template needs a subject.", ["input", "subject"]);
  const subjectFault = checkTemplate(subject, "line");
  if (subjectFault) return refused(subjectFault.code, subjectFault.message, ["input", "subject"]);
  const bodyFault = checkTemplate(body, "html");
  return bodyFault ? refused(bodyFault.code, bodyFault.message, ["input", "body"]) : null;
}
