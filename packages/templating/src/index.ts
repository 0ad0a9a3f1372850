export { MAX_SOURCE_LENGTH } from "./engine.ts";
export {
  checkTemplate,
  type Rendered,
  type RenderOptions,
  renderTemplate,
  type TemplateFormat,
} from "./render-template.ts";
export { type TemplateSubjects, subjectVariables } from "./subject-variables.ts";
export { TEMPLATE_REASON_CODES, type TemplateReason } from "./template-reason.ts";
