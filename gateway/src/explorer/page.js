// Runs in the browser; the libraries are globals of their UMD builds.
const { React, ReactDOM, GraphiQL, graphqlWs } = window;
const { token, tabs } = JSON.parse(document.getElementById("settings").textContent);
const authorization = `Bearer ${token}`;
const url = new URL("/graphql", location.href);

const overHttp = GraphiQL.createFetcher({ url: url.href, headers: { authorization } });
const sockets = graphqlWs.createClient({
  url: url.href.replace(/^http/, "ws"),
  connectionParams: { authorization },
});

/** GraphiQL itself tells by a parsed document, which it does not have yet when the button is pressed at once. */
function isSubscription({ query, operationName }) {
  const text = query.replaceAll(/#.*/g, "");
  return new RegExp(`(^|[}\\s])subscription\\b\\s*${operationName ?? ""}\\s*[({]`).test(text);
}

const fetcher = (request, options) => (isSubscription(request) ? sockets.iterate(request) : overHttp(request, options));
const explorer = React.createElement(GraphiQL, { fetcher, defaultTabs: tabs, shouldPersistHeaders: false });
ReactDOM.createRoot(document.getElementById("explorer")).render(explorer);
