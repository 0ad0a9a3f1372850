import { createTelephonySimulator } from "./simulator.ts";

const { PORT = "0", TELEPHONY_AUTH_TOKEN = "local-telephony" } = process.env;

const server = createTelephonySimulator({ authToken: TELEPHONY_AUTH_TOKEN, log: (line) => console.log(line) });
server.listen(Number(PORT), "127.0.0.1");

process.once("SIGTERM", () => {
  server.closeAllConnections();
  server.close(() => process.exit(0));
});
