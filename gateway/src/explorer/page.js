// Runs in the browser; the libraries are globals of their UMD builds.
const { React, ReactDOM, GraphiQL, graphqlWs } = window;
const { token, tabs } = JSON.parse(document.getElementById("settings").textContent);
const authorization = `Bearer ${token}`;
const url = new URL("/graphql", location.href);

const fetcher = GraphiQL.createFetcher({
  url: url.href,
  headers: { authorization },
  wsClient: graphqlWs.createClient({ url: url.href.replace(/^http/, "ws"), connectionParams: { authorization } }),
});
const explorer = React.createElement(GraphiQL, { fetcher, defaultTabs: tabs, shouldPersistHeaders: false });
ReactDOM.createRoot(document.getElementById("explorer")).render(explorer);
