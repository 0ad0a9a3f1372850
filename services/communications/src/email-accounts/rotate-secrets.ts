import type { Clock, Logger } from "@cadenza/platform";
import { EMAIL_ACCOUNTS_COLLECTION, type EmailAccountDocument, type SecretBox } from "@cadenza/sending";
import type { Database } from "@cadenza/storage";

/**
 * Moves every stored secret to the newest key, so that the older keys can be dropped from the configuration (REL-8). Safe to
 * run beside other replicas, and to stop in the middle.
 * @returns how many were moved.
 */
export async function rotateSecrets(options: {
  database: Database;
  secrets: SecretBox;
  clock: Clock;
  log: Logger;
}): Promise<number> {
  const { database, secrets, clock, log } = options;
  const accounts = database.system<EmailAccountDocument>(
    EMAIL_ACCOUNTS_COLLECTION,
    "Keys are the deployment's: a rotation goes over all organizations.",
  );
  let moved = 0;
  for await (const account of accounts.find({ "smtp.secret": { $ne: null } })) {
    const { secret } = account.smtp;
    if (!secret || secrets.isCurrent(secret)) continue;
    const { matchedCount } = await accounts.updateOne(
      { _id: account._id, "smtp.secret.ciphertext": secret.ciphertext },
      { $set: { "smtp.secret": secrets.rotate(secret, account._id), updatedAt: clock.now() } },
    );
    moved += matchedCount;
  }
  if (moved > 0) log.info({ moved }, "Secrets were moved to the newest key.");
  return moved;
}
