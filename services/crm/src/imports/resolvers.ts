import { callerWith, type CrmContext } from "../graph/context.ts";
import { payload } from "../graph/payload.ts";
import type { ImportFormat, ImportJob } from "./import-job.ts";

/** Through the graph; larger files go to `POST /imports` (CRM-4). */
const MAX_GRAPH_BYTES = 5 * 1024 * 1024;

type ImportArguments = { input: { format: ImportFormat; content: string; idempotencyKey?: string | null } };

export const importResolvers = {
  Query: {
    importJob: (_: unknown, { id }: { id: string }, { scope, crm }: CrmContext) => crm.stores.imports.find(scope, id),
  },
  ImportJob: { id: (job: ImportJob) => job._id },
  Mutation: {
    importLeads: async (_: unknown, { input }: ImportArguments, context: CrmContext) => {
      const { format, content, idempotencyKey } = input;
      const request = { format, content: inOnePart(content), key: idempotencyKey ?? null, maxBytes: MAX_GRAPH_BYTES };
      const places = { content: ["input", "content"], key: ["input", "idempotencyKey"] };
      const outcome = await context.crm.imports.start(callerWith(context, "MEMBER"), request, places);
      return payload("job", outcome, (id) => context.crm.stores.imports.find(context.scope, id));
    },
  },
};

async function* inOnePart(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
