import { createHmac } from "node:crypto";

/**
 * Twilio's signature of a webhook: HMAC-SHA1, base64, over the URL followed by each parameter's name and value in the
 * order of names. https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
export function webhookSignature(authToken: string, url: string, parameters: Readonly<Record<string, string>>): string {
  const text = Object.keys(parameters)
    .sort()
    .reduce((signed, name) => signed + name + parameters[name], url);
  return createHmac("sha1", authToken).update(text, "utf8").digest("base64");
}

/** Posts a webhook as the provider does; the answer's status. */
export async function postWebhook(
  authToken: string,
  url: string,
  parameters: Readonly<Record<string, string>>,
): Promise<number> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "x-twilio-signature": webhookSignature(authToken, url, parameters) },
    body: new URLSearchParams(parameters),
    signal: AbortSignal.timeout(15_000),
  });
  await response.body?.cancel();
  return response.status;
}
