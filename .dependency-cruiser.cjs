/** The import rules of the architecture: who may know whom. */
module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "Two files that need each other are one idea, or hide a third.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "services-stand-alone",
      comment: "Services speak by messages and gRPC; what two need stands in a package.",
      severity: "error",
      from: { path: "^services/([^/]+)/" },
      to: { path: "^services/([^/]+)/", pathNot: "^services/$1/" },
    },
    {
      name: "packages-know-no-service",
      comment: "Packages stand below everything that uses them.",
      severity: "error",
      from: { path: "^packages/" },
      to: { path: "^(services|gateway|schema|dev|bench|e2e)/" },
    },
    {
      name: "outside-knows-no-service",
      comment: "The gateway, the local stack, the end-to-end tests and the bench see services from outside only.",
      severity: "error",
      from: { path: "^(gateway|schema|dev|bench|e2e)/" },
      to: { path: "^services/" },
    },
    {
      name: "main-is-the-end",
      comment: "main.ts wires and starts a process; importing it would start one.",
      severity: "error",
      from: {},
      to: { path: "(^|/)main\\.ts$" },
    },
    {
      name: "packages-by-their-index",
      comment: "A package's index.ts is what it promises; the rest may change.",
      severity: "error",
      from: { path: "^(packages/[^/]+|services/[^/]+|gateway|schema|dev|bench|e2e)/" },
      to: { path: "^packages/[^/]+/", pathNot: ["^$1/", "^packages/[^/]+/src/index\\.ts$"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(node_modules|\\.cadenza)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
