import { shardOf } from "@cadenza/storage";

/** Which of the 256 sending shards an account belongs to: by organization and sending domain, so that both limits have one owner. */
export function sendingShard(organizationId: string, address: string): number {
  return shardOf(`${organizationId}:${domainOf(address)}`);
}

/** The part after the last `@`, in lower case. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1).toLowerCase();
}
