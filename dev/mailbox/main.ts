import { createMailboxHttp } from "./http.ts";
import { MailStore } from "./mail-store.ts";
import { createSmtpServer } from "./smtp.ts";

const { PORT = "0", SMTP_PORT = "0", MAILBOX_DIR = ".cadenza/data/mailbox" } = process.env;

const store = await MailStore.open(MAILBOX_DIR);
const smtp = createSmtpServer(store);
const http = createMailboxHttp(store);
smtp.listen(Number(SMTP_PORT), "127.0.0.1");
http.listen(Number(PORT), "127.0.0.1");

process.once("SIGTERM", () => {
  http.close();
  http.closeAllConnections();
  smtp.close(() => void store.close().then(() => process.exit(0)));
});
