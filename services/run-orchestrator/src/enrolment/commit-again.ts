import type { Committer, UnitOfWork } from "@cadenza/messaging";
import { isDuplicateKey } from "@cadenza/storage";

/** Each try sees what the winner of the last one has committed. */
const MAX_TRIES = 8;

/** Commits work that may lose a race for a unique key, again with what has been committed meanwhile (ENR-1, ENR-2). */
export async function commitAgain<T>(committer: Committer, work: (unit: UnitOfWork) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await committer.commit(work);
    } catch (error) {
      if (!isDuplicateKey(error) || attempt === MAX_TRIES) throw error;
    }
  }
}
