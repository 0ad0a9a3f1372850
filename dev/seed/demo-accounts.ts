import type { DevFile } from "../stack/dev-file.ts";
import { type Graph, SeedError } from "./graph.ts";

/** An email account at the local mailbox for the admin and the member. */
export async function seedAccounts(graph: Graph, dev: Pick<DevFile, "smtp" | "organizations">): Promise<void> {
  const users = dev.organizations[0]?.users.filter(({ role }) => role !== "VIEWER") ?? [];
  await Promise.all(users.map((user) => connectAccount(graph, user, dev.smtp)));
}

async function connectAccount(
  graph: Graph,
  user: { readonly id: string; readonly name: string; readonly email: string },
  smtp: DevFile["smtp"],
): Promise<void> {
  const found = await graph.query<{ user: { emailAccounts: { id: string; address: string }[] } | null }>(
    "query ($id: ID!) { user(id: $id) { emailAccounts { id address } } }",
    { id: user.id },
  );
  if (!found.user) throw new SeedError(`there is no user ${user.email}`);
  const server = { ...smtp, security: "NONE" };
  const account = found.user.emailAccounts.find(({ address }) => address === user.email);
  if (!account) {
    await graph.change(
      `mutation ($input: ConnectEmailAccountInput!) {
        connectEmailAccount(input: $input) { emailAccount { id } userErrors { code message } }
      }`,
      { input: { ownerId: user.id, address: user.email, displayName: user.name, smtp: server, default: true } },
    );
    return;
  }
  // The mailbox may have had to take another port at this start.
  await graph.change(
    `mutation ($id: ID!, $input: UpdateEmailAccountInput!) {
      updateEmailAccount(id: $id, input: $input) { emailAccount { id } userErrors { code message } }
    }`,
    { id: account.id, input: { smtp: server } },
  );
}
